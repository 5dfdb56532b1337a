//! `greenroom checklist`: graded evidence ticks, and so does the user.

use crate::support::Home;

/// The model answer of a built-in question.
fn model_answer(id: &str) -> String {
    let assets = greenroom::assets::Assets::embedded();
    let packs = assets.packs().into_iter().map(|name| assets.pack(&name).expect("a pack"));
    packs
        .into_iter()
        .find_map(|pack| pack.question(id).map(|it| it.model_answer.clone()))
        .expect("a question")
}

fn item(home: &Home, id: &str) -> serde_json::Value {
    let rows = home.run(&["checklist", "--format", "json"], "").json();
    rows.as_array().into_iter().flatten().find(|row| row["id"] == id).expect(id).clone()
}

#[test]
fn an_item_ticks_itself_when_each_of_its_questions_was_answered_well() {
    let home = Home::new();
    let fresh = home.run(&["checklist"], "");
    assert_eq!((fresh.code, fresh.err.as_str()), (0, ""));
    assert!(fresh.out.starts_with("System design: 0 of 10\n"), "{}", fresh.out);
    assert!(!fresh.out.contains("Behavioral") && !home.path().join("greenroom.db").exists());
    home.run(&["answer", "load-balancing", "--coach", "embedded"], model_answer("load-balancing"));
    home.run(&["answer", "proxies", "--coach", "embedded"], "It is a kind of cache.");
    let half = item(&home, "traffic");
    assert_eq!((&half["done"], &half["pack"]), (&false.into(), &"system-design".into()));
    let best = |at: usize| half["questions"][at]["best"].as_f64().expect("a score");
    assert!(best(0) >= 9.0 && best(1) < 3.0, "{half}");
    let shown = home.run(&["checklist"], "").out;
    assert!(shown.contains("answer proxies (so far "), "{shown}");
    home.run(&["answer", "proxies", "--coach", "embedded"], model_answer("proxies"));
    let whole = item(&home, "traffic");
    assert_eq!((&whole["done"], &whole["ticked_by"]), (&true.into(), &"grades".into()));
    assert!(home.run(&["checklist"], "").out.contains("[x] traffic"));
}

#[test]
fn what_is_ticked_by_hand_stays_until_it_is_unticked() {
    let home = Home::new();
    let ran = home.run(&["checklist", "--tick", "caching", "--tick", "own-mistake"], "");
    assert!(ran.code == 0 && ran.out.contains("[x] caching"), "{ran:?}");
    assert!(ran.out.contains("\nBehavioral: 1 of 10\n"), "the other pack is begun: {}", ran.out);
    assert_eq!(item(&home, "caching")["ticked_by"], "hand");
    // Unticked, it is left to the grades again.
    home.run(&["checklist", "--untick", "caching"], "");
    assert_eq!(item(&home, "caching")["done"], false);
    home.run(&["answer", "feedback", "--coach", "embedded"], model_answer("feedback"));
    assert_eq!(item(&home, "criticism")["ticked_by"], "grades");
    home.run(&["checklist", "--untick", "criticism"], "");
    assert_eq!(item(&home, "criticism")["done"], false);
    let wrong = home.run(&["checklist", "--tick", "data", "--tick", "cacheing"], "");
    assert!(wrong.code == 1 && wrong.err.contains("did you mean `caching`?"), "{wrong:?}");
    assert_eq!(item(&home, "data")["done"], false, "all or nothing");
}

#[test]
fn the_list_fits_eighty_columns() {
    let home = Home::new();
    let text = home.run(&["checklist", "--pack", "behavioral"], "").out;
    assert!(text.starts_with("Behavioral: 0 of 10\n"), "{text}");
    assert_eq!(text.lines().find(|line| line.chars().count() > 80), None);
    insta::assert_snapshot!(text.lines().take(5).collect::<Vec<_>>().join("\n"), @r#"
    Behavioral: 0 of 10
    [ ] real-case          Answer with one real case: when, where, who, what was at
                           stake, in three sentences
                           answer incident, deadline
    [ ] own-part           Say "I" for what you did and name the others for what
    "#);
}
