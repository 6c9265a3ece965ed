//! Where the map looks: a centre on a whole dot and a step of zoom. Knows neither streets nor cells of a screen.

use doorstep_domain::place::Point;

/// Metres of one dot at each step of zoom, nearest first.
pub const STEPS_M: [u32; 7] = [3, 6, 12, 24, 48, 96, 192];
/// Metres of 1e-7 degrees along a meridian, on the mean sphere.
pub(super) const METRES_PER_E7: f64 = 0.011_119_508;
/// Longitudes shrink towards the poles; nearer than this they are drawn as if at 89°, so that nothing is divided by nought.
const COSINE_MIN: f64 = 0.017;
/// How far the centre may go before the scale of longitudes is taken anew, in 1e-7 degrees: about 22 km.
const SCALE_DRIFT_E7: i64 = 2_000_000;
/// Half the earth's circumference, in 1e-7 degrees.
const HALF_TURN_E7: f64 = 1.8e9;

/// A pane's size in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

impl Size {
    /// Width and height in dots.
    pub(super) fn dots(self) -> [i64; 2] {
        [i64::from(self.cols) * 2, i64::from(self.rows) * 4]
    }
}

/// A way to move the camera by a quarter of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pan {
    /// Up.
    North,
    /// Right.
    East,
    /// Down.
    South,
    /// Left.
    West,
}

/// Where the map looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Camera {
    /// The centre, in dots east of the zero meridian and north of the equator.
    east: i64,
    north: i64,
    /// Place in [`STEPS_M`].
    step: usize,
    /// The latitude whose length of a degree all longitudes use, so that a pan moves every dot alike.
    scale_lat_e7: i64,
}

impl Camera {
    /// Looks at a place; `m_per_dot` becomes the nearest step that shows no less.
    pub fn new(centre: Point, m_per_dot: u32) -> Self {
        let step = STEPS_M.iter().position(|step| *step >= m_per_dot);
        Self::at(centre, step.unwrap_or(STEPS_M.len() - 1))
    }

    /// The nearest look that shows all the places with a cell to spare. `None` without places.
    pub fn fit(places: &[Point], size: Size) -> Option<Self> {
        let first = *places.first()?;
        let east_of = |place: &Point| turn(place.lon_e7() - first.lon_e7());
        let span = |values: &mut dyn Iterator<Item = i64>| {
            values.fold((i64::MAX, i64::MIN), |(least, most), value| {
                (least.min(value), most.max(value))
            })
        };
        let (south, north) = span(&mut places.iter().map(|place| place.lat_e7()));
        let (west, east) = span(&mut places.iter().map(east_of));
        let centre = point(i64::midpoint(south, north), first.lon_e7() + i64::midpoint(west, east));
        let shows = |step: &usize| places.iter().all(|place| fits(Self::at(centre, *step), *place, size));
        let step = (0..STEPS_M.len()).find(shows).unwrap_or(STEPS_M.len() - 1);
        Some(Self::at(centre, step))
    }

    fn at(centre: Point, step: usize) -> Self {
        let empty = Self {
            east: 0,
            north: 0,
            step,
            scale_lat_e7: centre.lat_e7(),
        };
        empty.centred(centre)
    }

    /// Metres of one dot.
    pub fn m_per_dot(self) -> u32 {
        STEPS_M[self.step]
    }

    /// The place in the middle.
    pub fn centre(self) -> Point {
        self.place(self.east as f64, self.north as f64)
    }

    /// Looks at another place, as near as before.
    #[must_use]
    pub fn centred(self, centre: Point) -> Self {
        let drift = (centre.lat_e7() - self.scale_lat_e7).abs();
        let scale_lat_e7 = if drift > SCALE_DRIFT_E7 {
            centre.lat_e7()
        } else {
            self.scale_lat_e7
        };
        let moved = Self { scale_lat_e7, ..self };
        let [east, north] = moved.per_e7();
        Self {
            east: (centre.lon_e7() as f64 * east).round() as i64,
            north: (centre.lat_e7() as f64 * north).round() as i64,
            ..moved
        }
    }

    /// Moves by a quarter of the view.
    #[must_use]
    pub fn panned(self, way: Pan, size: Size) -> Self {
        let (cols, rows) = (i32::from(size.cols.div_ceil(4)), i32::from(size.rows.div_ceil(4)));
        match way {
            Pan::North => self.moved(0, -rows),
            Pan::East => self.moved(cols, 0),
            Pan::South => self.moved(0, rows),
            Pan::West => self.moved(-cols, 0),
        }
    }

    /// Moves by cells: right and down are positive.
    #[must_use]
    pub fn moved(self, cols: i32, rows: i32) -> Self {
        let shifted = Self {
            east: self.east + i64::from(cols) * 2,
            north: self.north - i64::from(rows) * 4,
            ..self
        };
        // Over a pole, past the antimeridian or far north the numbers are taken anew; otherwise every dot moves alike.
        let [east, north] = shifted.per_e7();
        let (lon, lat) = (shifted.east as f64 / east, shifted.north as f64 / north);
        let far = (lat - shifted.scale_lat_e7 as f64).abs() > SCALE_DRIFT_E7 as f64;
        if lon.abs() > HALF_TURN_E7 || lat.abs() > HALF_TURN_E7 / 2.0 || far {
            return shifted.centred(shifted.centre());
        }
        shifted
    }

    /// One step nearer.
    #[must_use]
    pub fn zoomed_in(self) -> Self {
        self.stepped(self.step.saturating_sub(1))
    }

    /// One step further away.
    #[must_use]
    pub fn zoomed_out(self) -> Self {
        self.stepped((self.step + 1).min(STEPS_M.len() - 1))
    }

    /// One step nearer (`true`) or further away, so that what lies under the cell stays under it.
    #[must_use]
    pub fn zoomed_at(self, nearer: bool, cell: [u16; 2], size: Size) -> Self {
        let step = if nearer { self.zoomed_in() } else { self.zoomed_out() };
        if step.step == self.step {
            return self;
        }
        let under = self.position_of(cell, size);
        let there = step.dot_of(under, size).map(|dot| dot.floor() as i64);
        let (col, row) = (i64::from(cell[0]), i64::from(cell[1]));
        let cols = there[0].div_euclid(2) - col;
        let rows = there[1].div_euclid(4) - row;
        step.moved(cols as i32, rows as i32)
    }

    fn stepped(self, step: usize) -> Self {
        let scale = |dots: i64| (dots * i64::from(STEPS_M[self.step])).div_euclid(i64::from(STEPS_M[step]));
        Self {
            east: scale(self.east),
            north: scale(self.north),
            step,
            ..self
        }
    }

    /// The cell that shows a place.
    pub fn cell_of(self, place: Point, size: Size) -> Option<[u16; 2]> {
        let [x, y] = self.dot_of(place, size);
        let [width, height] = size.dots();
        let inside = x >= 0.0 && y >= 0.0 && x < width as f64 && y < height as f64;
        inside.then_some([x as u16 / 2, y as u16 / 4])
    }

    /// The place in the middle of a cell.
    pub fn position_of(self, cell: [u16; 2], size: Size) -> Point {
        let [width, height] = size.dots();
        let east = self.east - width / 2 + i64::from(cell[0]) * 2 + 1;
        let north = self.north + height / 2 - i64::from(cell[1]) * 4 - 2;
        self.place(east as f64, north as f64)
    }

    /// Whether a place lies in the middle third of the view: while it does, following it need not move the map.
    pub fn in_middle(self, place: Point, size: Size) -> bool {
        let middle = |at: u16, most: u16| at >= most / 3 && at < most - most / 3;
        self.cell_of(place, size)
            .is_some_and(|[col, row]| middle(col, size.cols) && middle(row, size.rows))
    }

    /// Dots per 1e-7 degrees, east and north.
    pub(super) fn per_e7(self) -> [f64; 2] {
        let north = METRES_PER_E7 / f64::from(STEPS_M[self.step]);
        let cosine = (self.scale_lat_e7 as f64 / 1e7).to_radians().cos().max(COSINE_MIN);
        [north * cosine, north]
    }

    /// The dot of a place, from the upper left corner; it may lie outside. The shorter way round the earth counts.
    pub(super) fn dot_of(self, place: Point, size: Size) -> [f64; 2] {
        let [east, north] = self.per_e7();
        let [left, top] = self.corner(size);
        let centre_lon = self.east as f64 / east;
        let mut lon = place.lon_e7() as f64;
        if lon - centre_lon > HALF_TURN_E7 {
            lon -= 2.0 * HALF_TURN_E7;
        } else if centre_lon - lon > HALF_TURN_E7 {
            lon += 2.0 * HALF_TURN_E7;
        }
        [lon * east - left, top - place.lat_e7() as f64 * north]
    }

    /// The upper left corner in dots east of the zero meridian and north of the equator.
    pub(super) fn corner(self, size: Size) -> [f64; 2] {
        let [width, height] = size.dots();
        [(self.east - width / 2) as f64, (self.north + height / 2) as f64]
    }

    /// The view as boxes of longitudes within ±180°: one, and a second where the antimeridian runs through it.
    pub(super) fn views(self, size: Size) -> impl Iterator<Item = View> {
        let [east, north] = self.per_e7();
        let [left, top] = self.corner(size);
        let [width, height] = size.dots();
        let turns = [0, 3_600_000_000_i64, -3_600_000_000];
        let view = move |turn: i64| {
            let left = left + turn as f64 * east;
            let bounds = [
                (left / east).floor() as i64,
                ((top - height as f64) / north).floor() as i64,
                ((left + width as f64) / east).ceil() as i64,
                (top / north).ceil() as i64,
            ];
            View {
                bounds,
                corner: [left, top],
                per_e7: [east, north],
            }
        };
        let on_earth = |view: &View| view.bounds[2] >= -1_800_000_000 && view.bounds[0] <= 1_800_000_000;
        turns.into_iter().map(view).filter(on_earth)
    }

    fn place(self, east: f64, north: f64) -> Point {
        let [per_east, per_north] = self.per_e7();
        point((north / per_north).round() as i64, (east / per_east).round() as i64)
    }
}

/// What a camera shows, for drawing many points.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// West, south, east, north in 1e-7 degrees.
    pub(super) bounds: [i64; 4],
    corner: [f64; 2],
    per_e7: [f64; 2],
}

impl View {
    /// The dot of a longitude and latitude, from the upper left corner.
    pub(super) fn dot(&self, at: [i32; 2]) -> [f64; 2] {
        let [lon, lat] = at.map(f64::from);
        [
            lon * self.per_e7[0] - self.corner[0],
            self.corner[1] - lat * self.per_e7[1],
        ]
    }
}

/// Whether a look shows a place with a cell to spare on every side, where the view has that many.
fn fits(camera: Camera, place: Point, size: Size) -> bool {
    let spare = |most: u16| u16::from(most > 4);
    let within = |at: u16, most: u16| at >= spare(most) && at + spare(most) < most;
    camera
        .cell_of(place, size)
        .is_some_and(|[col, row]| within(col, size.cols) && within(row, size.rows))
}

/// A difference of longitudes as the shorter way round.
pub(super) fn turn(lon_e7: i64) -> i64 {
    (lon_e7 + 1_800_000_000).rem_euclid(3_600_000_000) - 1_800_000_000
}

/// A point from numbers that may lie outside the earth: latitudes end at the poles, longitudes go round.
pub(super) fn point(lat_e7: i64, lon_e7: i64) -> Point {
    let lat = lat_e7.clamp(-900_000_000, 900_000_000);
    Point::new(lat, turn(lon_e7)).expect("the latitude is clamped and the longitude turned")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: Size = Size { cols: 120, rows: 40 };

    #[test]
    fn a_cell_is_where_its_place_is() {
        let camera = Camera::new(point(300_500_000, 1_199_500_000), 6);
        for cell in [[0, 0], [119, 39], [60, 20], [3, 38]] {
            assert_eq!(camera.cell_of(camera.position_of(cell, SIZE), SIZE), Some(cell));
        }
        assert_eq!(camera.cell_of(point(310_500_000, 1_199_500_000), SIZE), None);
    }

    #[test]
    fn zooming_in_and_out_comes_back() {
        let camera = Camera::new(point(300_500_000, 1_199_500_000), 48);
        assert_eq!(camera.zoomed_in().zoomed_in().zoomed_out().zoomed_out(), camera);
        assert_eq!(camera.zoomed_in().m_per_dot(), 24);
        let under = camera.position_of([10, 5], SIZE);
        assert_eq!(
            camera.zoomed_at(true, [10, 5], SIZE).cell_of(under, SIZE),
            Some([10, 5])
        );
    }

    #[test]
    fn a_pan_moves_every_place_by_the_same_cells() {
        let camera = Camera::new(point(300_500_000, 1_199_500_000), 12);
        let place = camera.position_of([60, 20], SIZE);
        assert_eq!(camera.panned(Pan::East, SIZE).cell_of(place, SIZE), Some([30, 20]));
        assert_eq!(camera.panned(Pan::North, SIZE).cell_of(place, SIZE), Some([60, 30]));
    }

    #[test]
    fn places_on_both_sides_of_the_antimeridian_fit() {
        let places = [point(0, 1_799_900_000), point(10_000, -1_799_900_000)];
        let camera = Camera::fit(&places, SIZE).expect("two places");
        assert!(places.iter().all(|place| camera.cell_of(*place, SIZE).is_some()));
        assert_eq!(camera.m_per_dot(), 12);
        assert_eq!(Camera::fit(&[], SIZE), None);
    }

    proptest! {
        #[test]
        fn no_place_of_the_earth_is_too_much(
            lat in -900_000_000_i64..=900_000_000, lon in -1_800_000_000_i64..=1_800_000_000,
            step in 0_usize..7, cols in 1_u16..300, rows in 1_u16..100,
            moves in proptest::collection::vec((-400_i32..400, -400_i32..400), 0..6),
        ) {
            let size = Size { cols, rows };
            let mut camera = Camera::new(point(lat, lon), STEPS_M[step]);
            for (east, south) in moves {
                camera = camera.moved(east, south).zoomed_at(east > 0, [cols - 1, 0], size);
                let _ = camera.cell_of(camera.position_of([0, rows - 1], size), size);
            }
            prop_assert!(camera.centre().lat_e7().abs() <= 900_000_000);
        }
    }
}
