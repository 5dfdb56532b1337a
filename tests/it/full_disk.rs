//! A disk that is full in mid-interview: said in plain words, nothing acknowledged is lost.
//!
//! Needs Linux and the right to mount a small disk in a name space of its own, as root has and most desktops give:
//! `cargo test --test it -- --ignored full_disk`

use assert_cmd::cargo::cargo_bin;

use crate::support::Home;

/// Fills the disk under a running interview, frees it, and goes on.
const SCRIPT: &str = r#"
trap '' PIPE
mount -t tmpfs -o size=1500k none "$GREENROOM_HOME" || exit 77
mkfifo "$WORK/turns"
"$BIN" interview url-shortener <"$WORK/turns" >"$WORK/out" 2>"$WORK/err" &
exec 3>"$WORK/turns"
printf 'How many links a day?\n\n' >&3
until grep -q averages "$WORK/out"; do kill -0 $! || exit 78; done
dd if=/dev/zero of="$GREENROOM_HOME/fill" bs=1k 2>"$WORK/dd"
long=$(head -c 30000 /dev/zero | tr '\0' x)
for turn in 1 2 3 4 5 6 7 8 9 10 11 12; do printf 'Turn %s\n\n' "$long" >&3; done 2>"$WORK/pipe"
exec 3>&-
wait $!
echo "ended with $?"
tail -n 4 "$WORK/err"
rm "$GREENROOM_HOME/fill"
echo /save | "$BIN" interview --resume 2>"$WORK/resumed"
echo "resumed with $?"
grep 'Going on' "$WORK/resumed"
"#;

#[test]
#[ignore = "mounts a small disk: Linux, root or user name spaces"]
fn a_full_disk_is_told_and_nothing_acknowledged_is_lost() {
    let (home, work) = (Home::new(), tempfile::tempdir().unwrap());
    let ran = home
        .command(&[])
        .get_envs()
        .fold(&mut std::process::Command::new("timeout"), |command, (name, value)| {
            command.env(name, value.unwrap_or_default())
        })
        .args(["120", "unshare", "--map-root-user", "--mount", "sh", "-c", SCRIPT])
        .env("BIN", cargo_bin("greenroom"))
        .env("WORK", work.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    for part in ["ended with 1\n", "is full\n", "hint: free some space", "resumed with 0\n", " turns in."] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains(", 0 turns in."), "{said}");
}
