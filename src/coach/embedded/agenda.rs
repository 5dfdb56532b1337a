//! PURE. A problem made ready for listening: its points, facts and components as compiled patterns.

use crate::material::{Fact, Inconsistency, Pack, Point, Problem};
use crate::text::{Match, Pattern, PatternError, Prepared, Synonyms};

/// A problem, compiled.
#[derive(Clone, Debug)]
pub(super) struct Agenda {
    pub problem: Problem,
    pub points: Vec<AgendaPoint>,
    facts: Vec<(Fact, Vec<Pattern>)>,
    inconsistencies: Vec<(Inconsistency, Vec<Pattern>, Vec<Pattern>)>,
    components: Vec<Component>,
}

/// A point with its patterns.
#[derive(Clone, Debug)]
pub(super) struct AgendaPoint {
    pub point: Point,
    pub says: Vec<Pattern>,
    pub partly: Vec<Pattern>,
    /// Id of the failure scenario that opens it.
    pub opened_by_failure: Option<String>,
    pub opened_by_change: bool,
}

#[derive(Clone, Debug)]
struct Component {
    name: String,
    kind: String,
    pattern: Pattern,
}

/// A component that was named, in the candidate's own word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub name: String,
    pub kind: String,
    pub word: String,
}

impl Agenda {
    /// Compiles `problem` with the pack's clarifying topics and lexicon.
    pub fn compile(problem: &Problem, pack: &Pack, synonyms: &Synonyms) -> Result<Self, PatternError> {
        let compile = |patterns: &[String]| {
            patterns.iter().map(|pattern| Pattern::parse(pattern, synonyms)).collect::<Result<Vec<_>, _>>()
        };
        let points = problem
            .points
            .iter()
            .map(|point| {
                let failure = problem.failures.iter().find(|failure| failure.opens.contains(&point.id));
                Ok(AgendaPoint {
                    says: compile(&point.says)?,
                    partly: compile(&point.partly)?,
                    opened_by_failure: failure.map(|failure| failure.id.clone()),
                    opened_by_change: problem.change.opens.contains(&point.id),
                    point: point.clone(),
                })
            })
            .collect::<Result<Vec<_>, PatternError>>()?;
        let facts = problem
            .facts
            .iter()
            .map(|fact| {
                let topic = pack.clarify.topics.iter().find(|topic| fact.topic.as_ref() == Some(&topic.id));
                let mut asks = compile(&fact.asks)?;
                asks.extend(topic.map_or(Ok(Vec::new()), |topic| compile(&topic.asks))?);
                Ok((fact.clone(), asks))
            })
            .collect::<Result<Vec<_>, PatternError>>()?;
        let inconsistencies = problem
            .inconsistencies
            .iter()
            .map(|item| Ok((item.clone(), compile(&item.one)?, compile(&item.other)?)))
            .collect::<Result<Vec<_>, PatternError>>()?;
        let mut components = Vec::new();
        for term in &pack.lexicon.terms {
            let Some(kind) = &term.kind else { continue };
            for name in std::iter::once(&term.name).chain(&term.aliases).chain(&term.products) {
                // Plain: each wording finds itself only, so that the candidate's own word is known.
                let pattern = Pattern::parse(name, &Synonyms::default())?;
                components.push(Component { name: term.name.clone(), kind: kind.clone(), pattern });
            }
        }
        Ok(Self { problem: problem.clone(), points, facts, inconsistencies, components })
    }

    /// Facts that the sentences for which `asks` holds ask for, in the order asked.
    pub fn facts_asked(&self, text: &Prepared<'_>, asks: &[bool]) -> Vec<&Fact> {
        let mut found: Vec<(usize, &Fact)> = self
            .facts
            .iter()
            .filter_map(|(fact, patterns)| {
                let places = patterns.iter().flat_map(|pattern| pattern.find_all(text));
                let first = places
                    .filter(|place| (place.first_sentence..=place.last_sentence).any(|s| asks[s]))
                    .map(|place| place.first_token)
                    .min()?;
                Some((first, fact))
            })
            .collect();
        found.sort_by_key(|&(place, _)| place);
        found.into_iter().map(|(_, fact)| fact).collect()
    }

    /// For each inconsistency, whether `text` claims its one side, and its other.
    pub fn claims(&self, text: &Prepared<'_>) -> Vec<(bool, bool)> {
        let said = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.find(text).is_some());
        self.inconsistencies.iter().map(|(_, one, other)| (said(one), said(other))).collect()
    }

    /// The inconsistency with this index.
    pub fn inconsistency(&self, index: usize) -> &Inconsistency {
        &self.inconsistencies[index].0
    }

    /// Components named in `text`, in order, each once.
    pub fn components(&self, text: &Prepared<'_>) -> Vec<Named> {
        let mut found: Vec<(usize, usize, Named)> = Vec::new();
        for component in &self.components {
            let Some(Match { first_token, last_token, .. }) = component.pattern.find(text) else { continue };
            let tokens = text.tokens();
            let word = text.text()[tokens[first_token].at.start..tokens[last_token].at.end].to_owned();
            found.push((
                first_token,
                usize::MAX - last_token,
                Named { name: component.name.clone(), kind: component.kind.clone(), word },
            ));
        }
        // Of two names at one place the longer is meant.
        found.sort_by(|a, b| (a.0, a.1, &a.2.name).cmp(&(b.0, b.1, &b.2.name)));
        found.dedup_by_key(|(first, ..)| *first);
        let mut named: Vec<Named> = Vec::new();
        for (_, _, component) in found {
            if named.iter().all(|earlier| earlier.name != component.name) {
                named.push(component);
            }
        }
        named
    }
}

impl AgendaPoint {
    /// 2 if `text` covers the point, 1 if it covers a part, 0 if none.
    pub fn coverage(&self, text: &Prepared<'_>) -> u8 {
        if self.says.iter().any(|pattern| pattern.find(text).is_some()) {
            2
        } else if self.partly.iter().any(|pattern| pattern.find(text).is_some()) {
            1
        } else {
            0
        }
    }

    /// Saying `text` would give the point away.
    pub fn is_given_away_by(&self, text: &Prepared<'_>) -> bool {
        self.says.iter().any(|pattern| pattern.find(text).is_some())
    }
}
