//! What has to come before what: groups that refer to each other in a ring, and how deep each lies.
//! Must not know: items.

/// A node's place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// What it needs has a lower one, unless it is of the same ring.
    pub level: u32,
    /// It refers to itself, directly or around a ring.
    pub ring: bool,
}

/// The rank of every node; `needs` lists the nodes that each one refers to.
pub(super) fn ranks(needs: &[Vec<usize>]) -> Vec<Rank> {
    let mut ranks = vec![Rank { level: 0, ring: false }; needs.len()];
    for group in groups(needs) {
        let ring = group.len() > 1 || needs[group[0]].contains(&group[0]);
        let is_inside = |other: &usize| group.binary_search(other).is_ok();
        let outside = group.iter().flat_map(|&node| &needs[node]).filter(|other| !is_inside(other));
        let level = outside.map(|&other| ranks[other].level + 1).max().unwrap_or(0);
        group.iter().for_each(|&node| ranks[node] = Rank { level, ring });
    }
    ranks
}

const UNSEEN: usize = usize::MAX;

/// Strongly connected components, each after all that it refers to (Tarjan, without recursion).
fn groups(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut state = State {
        index: vec![UNSEEN; needs.len()],
        low: vec![0; needs.len()],
        on: vec![false; needs.len()],
        ..State::default()
    };
    for root in 0..needs.len() {
        if state.index[root] == UNSEEN {
            state.visit(root, needs);
        }
    }
    state.groups
}

#[derive(Default)]
struct State {
    index: Vec<usize>,
    low: Vec<usize>,
    on: Vec<bool>,
    stack: Vec<usize>,
    groups: Vec<Vec<usize>>,
    next: usize,
}

impl State {
    fn visit(&mut self, root: usize, needs: &[Vec<usize>]) {
        self.enter(root);
        let mut path = vec![(root, 0)];
        while let Some((node, at)) = path.last_mut() {
            let node = *node;
            if let Some(&other) = needs[node].get(*at) {
                *at += 1;
                if self.index[other] == UNSEEN {
                    self.enter(other);
                    path.push((other, 0));
                } else if self.on[other] {
                    self.low[node] = self.low[node].min(self.index[other]);
                }
                continue;
            }
            path.pop();
            if let Some(&(parent, _)) = path.last() {
                self.low[parent] = self.low[parent].min(self.low[node]);
            }
            if self.low[node] == self.index[node] {
                self.close(node);
            }
        }
    }

    fn enter(&mut self, node: usize) {
        (self.index[node], self.low[node], self.on[node]) = (self.next, self.next, true);
        self.next += 1;
        self.stack.push(node);
    }

    fn close(&mut self, node: usize) {
        let mut group = Vec::new();
        while let Some(other) = self.stack.pop() {
            self.on[other] = false;
            group.push(other);
            if other == node {
                break;
            }
        }
        group.sort_unstable();
        self.groups.push(group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_needed_comes_before_and_rings_are_known() {
        // 0 → 1 → 2 → 1, 3 → 3, 4 → 0, 5 alone.
        let needs = [vec![1], vec![2], vec![1], vec![3], vec![0, 3], vec![]];
        let ranks: Vec<(u32, bool)> = ranks(&needs).into_iter().map(|rank| (rank.level, rank.ring)).collect();
        assert_eq!(ranks, [(1, false), (0, true), (0, true), (0, true), (2, false), (0, false)]);
    }

    proptest! {
        #[test]
        fn only_a_ring_needs_what_is_as_deep(edges in proptest::collection::vec((0usize..30, 0usize..30), 0..80)) {
            let mut needs = vec![Vec::new(); 30];
            edges.iter().for_each(|&(from, to)| needs[from].push(to));
            let ranks = ranks(&needs);
            for &(from, to) in &edges {
                let together = ranks[from].ring && ranks[to].ring && ranks[from].level == ranks[to].level;
                prop_assert!(ranks[to].level < ranks[from].level || together);
            }
        }
    }
}
