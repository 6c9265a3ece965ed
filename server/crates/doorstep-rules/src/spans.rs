//! Sorted, disjoint, non-empty spans of time.

use doorstep_domain::measure::Micros;

/// Spans of time, each from start (inclusive) to end (inclusive); sorted, disjoint and none empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Spans(Vec<(Micros, Micros)>);

impl Spans {
    /// Sorts the spans, joins those that touch and drops those that end before they start or at once.
    pub(crate) fn of(spans: impl IntoIterator<Item = (Micros, Micros)>) -> Self {
        let mut given: Vec<_> = spans.into_iter().filter(|(start, end)| start < end).collect();
        given.sort_unstable();
        let mut joined: Vec<(Micros, Micros)> = Vec::with_capacity(given.len());
        for (start, end) in given {
            match joined.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => joined.push((start, end)),
            }
        }
        Self(joined)
    }

    /// What lies in either.
    pub(crate) fn union(self, other: impl IntoIterator<Item = (Micros, Micros)>) -> Self {
        Self::of(self.0.into_iter().chain(other))
    }

    /// What lies in both.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let mut both = Vec::new();
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (start, end) = (a.0.max(b.0), a.1.min(b.1));
            if start < end {
                both.push((start, end));
            }
            if a.1 < b.1 {
                left.next();
            } else {
                right.next();
            }
        }
        Self(both)
    }

    /// What lies in these and not in the others.
    pub(crate) fn without(&self, others: &Self) -> Self {
        let mut left = Vec::new();
        for (start, end) in &self.0 {
            let mut from = *start;
            for (other_start, other_end) in &others.0 {
                if *other_end > from && *other_start < *end {
                    left.push((from, *other_start));
                    from = *other_end;
                }
            }
            left.push((from, *end));
        }
        Self::of(left)
    }

    /// Whether one span holds all of `start..end`.
    pub(crate) fn contain(&self, start: Micros, end: Micros) -> bool {
        self.0.iter().any(|span| span.0 <= start && end <= span.1)
    }

    /// The spans that are at least `length` long.
    pub(crate) fn at_least(&self, length: Micros) -> Self {
        Self(
            self.0
                .iter()
                .copied()
                .filter(|(start, end)| *end - *start >= length)
                .collect(),
        )
    }

    /// The first start that is not before `instant`.
    pub(crate) fn next_start(&self, instant: Micros) -> Option<Micros> {
        self.0.iter().map(|span| span.0).find(|start| *start >= instant)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The spans as pairs.
    pub(crate) fn into_pairs(self) -> Vec<(Micros, Micros)> {
        self.0
    }
}
