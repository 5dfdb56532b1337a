//! PURE. A Markdown table, gathered line by line and laid out for a terminal.

use comfy_table::{CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};

/// Rows after which a table is printed even if it goes on.
const MOST_ROWS: usize = 400;

/// No border around, a line under the header, bars between the columns.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction('│'))
    .header_separator(LineStyle::none().fill('─').junction('┼'))
    .content_lines(ContentLineStyle::none().junction('│'));

/// The lines of a table.
#[derive(Debug, Default)]
pub struct TableLines {
    lines: Vec<String>,
}

impl TableLines {
    /// No line was taken yet.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Takes a line; says whether more may follow before the table must be printed.
    pub fn push(&mut self, line: &str) -> bool {
        self.lines.push(line.to_owned());
        self.lines.len() < MOST_ROWS
    }

    /// Lays out the table in at most `width` columns, and forgets it. Lines that are no table
    /// after all come back as they are.
    pub fn render(&mut self, width: usize) -> String {
        let lines = std::mem::take(&mut self.lines);
        if lines.is_empty() {
            return String::new();
        }
        let alignments = lines.get(1).and_then(|line| alignments(line));
        let rows: Vec<Vec<String>> = lines
            .iter()
            .enumerate()
            .filter(|(number, _)| *number != 1 || alignments.is_none())
            .map(|(_, line)| cells(line).iter().map(|cell| plain(cell)).collect())
            .collect();
        let Some(alignments) = alignments else {
            return lines.iter().map(|line| format!("{}\n", line.trim())).collect();
        };
        let mut table = Table::new();
        table.load_style(STYLE);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        let mut rows = rows.into_iter();
        let header = rows.next().unwrap_or_default();
        let columns = header.len();
        table.set_header(header);
        for mut row in rows {
            row.resize(columns, String::new());
            table.add_row(row);
        }
        for (index, alignment) in alignments.into_iter().enumerate() {
            if let Some(column) = table.column_mut(index) {
                column.set_cell_alignment(alignment);
            }
        }
        let rows = table.row_count();
        if table.lines().count() > rows + 2 {
            // Cells of several lines run into each other without a line between the rows.
            table.load_style(STYLE.row_separator(LineStyle::none().fill('─').junction('┼')));
        }
        table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

/// The alignments of a line such as `|:--|--:|`, if it is one.
fn alignments(line: &str) -> Option<Vec<CellAlignment>> {
    let cells = cells(line);
    let alignment = |cell: &String| {
        let cell = cell.trim();
        let dashes = cell.trim_matches(':');
        let fits = !dashes.is_empty() && dashes.chars().all(|c| c == '-');
        fits.then(|| match (cell.starts_with(':'), cell.ends_with(':')) {
            (true, true) => CellAlignment::Center,
            (false, true) => CellAlignment::Right,
            _ => CellAlignment::Left,
        })
    };
    cells.iter().map(alignment).collect()
}

/// Cells of a row; `\|` and a bar in code are no border.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').filter(|rest| !rest.ends_with('\\')).unwrap_or(line);
    let (mut cells, mut cell) = (Vec::new(), String::new());
    let (mut code, mut escaped) = (false, false);
    for character in line.chars() {
        match character {
            '|' if escaped => cell.push('|'),
            '|' if !code => cells.push(std::mem::take(&mut cell)),
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            character => {
                if escaped {
                    cell.push('\\');
                }
                code ^= character == '`';
                cell.push(character);
            }
        }
        escaped = false;
    }
    cells.push(cell);
    cells
}

/// A cell without its marks, which a table has no room for.
fn plain(cell: &str) -> String {
    let cell = cell.replace("<br>", "\n").replace("<br/>", "\n").replace("<br />", "\n");
    let lines: Vec<String> = cell
        .lines()
        .map(|line| {
            let text = super::terminal_markdown(
                line.trim().trim_start_matches(['#', '>', '|']),
                usize::MAX,
                super::Paint::Plain,
            );
            text.trim().to_owned()
        })
        .collect();
    lines.join("\n")
}
