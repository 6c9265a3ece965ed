//! Index types: one per list of a problem, so that a row of one list is never taken for a row of another.

macro_rules! index {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub $inner);

        impl $name {
            /// The index as a position in its list.
            #[must_use]
            pub const fn get(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index!(
    /// A row and column of every matrix.
    PlaceIdx(u32)
);
index!(
    /// A site: what has one gate and one place to park.
    SiteIdx(u32)
);
index!(
    /// A building of a site.
    BuildingIdx(u32)
);
index!(
    /// A door of a building.
    DoorIdx(u32)
);
index!(
    /// A visit.
    VisitIdx(u32)
);
index!(
    /// A shift: one crew on one day.
    ShiftIdx(u32)
);
index!(
    /// A crew. The problem has no list of crews; equal numbers mean the same staff.
    CrewIdx(u32)
);
index!(
    /// A group of visits of which at most one is planned.
    GroupIdx(u32)
);
index!(
    /// A travel matrix.
    MatrixIdx(u32)
);
index!(
    /// A day of the plan; the first is 0.
    Day(u16)
);
