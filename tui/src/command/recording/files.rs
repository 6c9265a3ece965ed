//! Files of body recorders: which lie in a folder, and when each was recorded, as the index or the name says. Guesses nothing:
//! what is not clear is said.

use crate::failure::Failure;
use doorstep_domain::recording::{IntervalSource, is_media, is_recorder_number};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The name of the index.
const INDEX: &str = "recordings.csv";
/// Its columns.
const COLUMNS: [&str; 4] = ["file", "recorder", "from", "to"];
/// The most files of a folder.
const FILES_MAX: usize = 10_000;
/// Microseconds of a second.
const SECOND: i64 = 1_000_000;

/// What the person who imports says.
#[derive(Debug)]
pub(super) struct Stated {
    /// The recorder of files whose name bears none.
    pub(super) recorder: Option<String>,
    /// How long every file is.
    pub(super) minutes: Option<u32>,
    /// How many seconds the recorder's clock is ahead.
    pub(super) offset_s: i64,
    /// The zone of the recorder's clock.
    pub(super) zone: TimeZone,
}

/// When a file was recorded, and by which recorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) recorder: String,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) source: IntervalSource,
}

/// Why a file cannot be placed in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unclear {
    /// The name has another form, and the index does not have it.
    Name,
    /// Neither name nor index nor `--recorder` say which recorder.
    Recorder,
    /// The clocks showed this time twice or never.
    Clock,
    /// The end does not lie after the beginning.
    End,
}

impl Unclear {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Name => "name-unclear",
            Self::Recorder => "recorder-unclear",
            Self::Clock => "clock-unclear",
            Self::End => "end-unclear",
        }
    }
    pub(super) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Name => (
                "name is not NUMBER_YYYYMMDD_HHMMSS and not in recordings.csv",
                "文件名不符合 编号_日期_时间 且索引中没有",
            ),
            Self::Recorder => ("no recorder: state --recorder", "未知记录仪：请加 --recorder"),
            Self::Clock => ("the clocks showed this time twice or never", "该时刻因时钟调整不明确"),
            Self::End => (
                "no end: add it to recordings.csv or state --minutes",
                "无结束时间：请写入索引或加 --minutes",
            ),
        }
    }
}

/// A file with what is known of its times.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// As the index would name it.
    pub(super) name: String,
    pub(super) media: String,
    pub(super) times: Result<Times, Unclear>,
}

/// A line of the index.
struct Line {
    recorder: String,
    from: String,
    to: String,
}

/// All files of a folder and the folders in it but the index and hidden ones, in the order of their names.
pub(super) fn walk(dir: &Path, stated: &Stated) -> Result<Vec<Found>, Failure> {
    let mut index = read_index(dir)?;
    let mut folders = vec![dir.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let failed = |source| Failure::Read {
            path: folder.clone(),
            source,
        };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
            let name = name_in(dir, &path);
            if entry.file_name().to_string_lossy().starts_with('.') || name == INDEX {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let written = entry.metadata().and_then(|about| about.modified()).map_err(failed)?;
                found.push(place(path, (name, written), &mut index, stated));
            }
            if found.len() > FILES_MAX {
                return Err(wrong(
                    dir,
                    (
                        "at most 10,000 files; import folder by folder",
                        "最多 10000 个文件，请分批导入",
                    ),
                ));
            }
        }
    }
    if let Some(name) = index.keys().min() {
        let given = dir.join(INDEX).display().to_string() + ": " + name;
        return Err(Failure::Value {
            name: "DIR",
            given,
            expected: ("an index whose files are all there", "索引所列文件均存在"),
        });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn wrong(path: &Path, expected: (&'static str, &'static str)) -> Failure {
    Failure::Value {
        name: "DIR",
        given: path.display().to_string(),
        expected,
    }
}

/// A path as the index names it: below the folder, with slashes.
fn name_in(dir: &Path, path: &Path) -> String {
    let below = path.strip_prefix(dir).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn read_index(dir: &Path) -> Result<HashMap<String, Line>, Failure> {
    let path = dir.join(INDEX);
    let text = match std::fs::read_to_string(&path) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(source) => return Err(Failure::Read { path, source }),
        Ok(text) => text,
    };
    let shape = || {
        wrong(
            &path,
            (
                "CSV with the columns file, recorder, from, to",
                "含 file、recorder、from、to 四列的 CSV",
            ),
        )
    };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let head = reader.headers().map_err(|_| shape())?.clone();
    let mut at = [0; 4];
    for (place, column) in at.iter_mut().zip(COLUMNS) {
        *place = head.iter().position(|name| name == column).ok_or_else(shape)?;
    }
    let mut lines = HashMap::new();
    for row in reader.records() {
        let row = row.map_err(|_| shape())?;
        let [file, recorder, from, to] = at.map(|column| row.get(column).unwrap_or_default().to_owned());
        lines.insert(file, Line { recorder, from, to });
    }
    Ok(lines)
}

fn place(
    path: PathBuf,
    (name, written): (String, std::time::SystemTime),
    index: &mut HashMap<String, Line>,
    stated: &Stated,
) -> Found {
    let ending = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
    let media = ending.to_ascii_lowercase();
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let times = match index.remove(&name) {
        _ if !is_media(&media) => Err(Unclear::Name),
        Some(line) => of_line(&line, stated),
        None => of_name(stem, written, stated),
    };
    Found {
        path,
        name,
        media,
        times,
    }
}

/// The number of the recorder: as stated beside the file, or for all files.
fn recorder(own: &str, stated: &Stated) -> Result<String, Unclear> {
    let own = Some(own.to_owned()).filter(|own| !own.is_empty());
    own.or_else(|| stated.recorder.clone())
        .filter(|number| is_recorder_number(number))
        .ok_or(Unclear::Recorder)
}

fn of_line(line: &Line, stated: &Stated) -> Result<Times, Unclear> {
    let recorder = recorder(&line.recorder, stated)?;
    let from = moment(&line.from, stated)?;
    let (to, source) = match (line.to.is_empty(), stated.minutes) {
        (false, _) => (moment(&line.to, stated)?, IntervalSource::Index),
        (true, Some(minutes)) => (from + i64::from(minutes) * 60 * SECOND, IntervalSource::Minutes),
        (true, None) => return Err(Unclear::End),
    };
    checked(recorder, (from, to), source)
}

/// A time of the index: with its distance from UTC, or as the recorder's clock showed it.
fn moment(text: &str, stated: &Stated) -> Result<i64, Unclear> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Ok(instant.as_microsecond() - stated.offset_s * SECOND);
    }
    let wall: DateTime = text.parse().map_err(|_| Unclear::Name)?;
    shown(wall, stated)
}

/// The instant at which the recorder's clock showed a time, with what it is ahead taken off.
fn shown(wall: DateTime, stated: &Stated) -> Result<i64, Unclear> {
    let zoned = stated.zone.to_ambiguous_zoned(wall).unambiguous();
    let zoned = zoned.map_err(|_| Unclear::Clock)?;
    Ok(zoned.timestamp().as_microsecond() - stated.offset_s * SECOND)
}

/// `NUMBER_YYYYMMDD_HHMMSS…`, or without the number.
fn of_name(stem: &str, written: std::time::SystemTime, stated: &Stated) -> Result<Times, Unclear> {
    let parts: Vec<&str> = stem.split('_').collect();
    let (own, wall) = match parts.as_slice() {
        [date, time, ..] if wall_of(date, time).is_some() => ("", wall_of(date, time)),
        [own, date, time, ..] => (*own, wall_of(date, time)),
        _ => return Err(Unclear::Name),
    };
    let wall = wall.ok_or(Unclear::Name)?;
    let recorder = recorder(own, stated)?;
    let from = shown(wall, stated)?;
    let (to, source) = if let Some(minutes) = stated.minutes {
        (from + i64::from(minutes) * 60 * SECOND, IntervalSource::Minutes)
    } else {
        let written = jiff::Timestamp::try_from(written).map_err(|_| Unclear::End)?;
        let to = written.as_microsecond() - stated.offset_s * SECOND;
        (to, IntervalSource::Modified)
    };
    checked(recorder, (from, to), source)
}

fn wall_of(date: &str, time: &str) -> Option<DateTime> {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(date, 8) || !digits(time, 6) {
        return None;
    }
    let number = |text: &str| text.parse::<i8>().ok();
    let day = jiff::civil::Date::new(date[..4].parse().ok()?, number(&date[4..6])?, number(&date[6..])?).ok()?;
    let time = jiff::civil::Time::new(number(&time[..2])?, number(&time[2..4])?, number(&time[4..])?, 0).ok()?;
    Some(day.to_datetime(time))
}

fn checked(recorder: String, (from, to): (i64, i64), source: IntervalSource) -> Result<Times, Unclear> {
    if to <= from {
        return Err(Unclear::End);
    }
    Ok(Times {
        recorder,
        from,
        to,
        source,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    /// 2026-11-23T10:00:00Z, in seconds.
    const TEN: i64 = 1_795_428_000;

    fn stated() -> Stated {
        Stated {
            recorder: None,
            minutes: None,
            offset_s: 0,
            zone: TimeZone::UTC,
        }
    }

    fn at(seconds: i64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs())
    }

    #[test]
    fn a_name_says_recorder_and_beginning() {
        let end = at(TEN + 300);
        let found = of_name("BWC-7_20261123_100000_part2", end, &stated()).unwrap();
        assert_eq!(
            found,
            Times {
                recorder: "BWC-7".to_owned(),
                from: TEN * SECOND,
                to: (TEN + 300) * SECOND,
                source: IntervalSource::Modified
            }
        );
        // Shanghai is eight hours ahead, and the recorder's clock another 30 seconds.
        let there = Stated {
            recorder: Some("9".to_owned()),
            minutes: Some(5),
            offset_s: 30,
            zone: crate::times::zone("Asia/Shanghai"),
        };
        let found = of_name("20261123_180030", end, &there).unwrap();
        assert_eq!(
            (found.recorder.as_str(), found.from, found.to),
            ("9", TEN * SECOND, (TEN + 300) * SECOND)
        );
        assert_eq!(found.source, IntervalSource::Minutes);
    }

    #[test]
    fn what_is_not_clear_is_said() {
        let end = at(TEN + 300);
        for (stem, why) in [
            ("holiday", Unclear::Name),
            ("BWC-7_20261323_100000", Unclear::Name),
            ("BWC-7_2026_10", Unclear::Name),
            ("20261123_100000", Unclear::Recorder),
            ("../7_20261123_100000", Unclear::Recorder),
            ("BWC-7_20261123_110000", Unclear::End),
        ] {
            assert_eq!(of_name(stem, end, &stated()), Err(why), "{stem}");
        }
        // The night in which the clocks of Lisbon are put back shows half past one twice.
        let lisbon = Stated {
            zone: crate::times::zone("Europe/Lisbon"),
            ..stated()
        };
        assert_eq!(of_name("7_20261025_013000", end, &lisbon), Err(Unclear::Clock));
    }

    #[test]
    fn an_index_says_both_ends_and_names_only_files_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        std::fs::create_dir(dir.join("day")).unwrap();
        std::fs::write(dir.join("day/a.MP4"), b"a").unwrap();
        std::fs::write(dir.join("b.mp4"), b"b").unwrap();
        std::fs::write(dir.join(".thumbs"), b"x").unwrap();
        let index = "\u{feff}from,to,file,recorder\n2026-11-23T10:00:00,2026-11-23T10:05:00Z,day/a.MP4,BWC-7\n";
        std::fs::write(dir.join(INDEX), index).unwrap();
        let found = walk(dir, &stated()).unwrap();
        let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["b.mp4", "day/a.MP4"]);
        assert_eq!(found[0].times, Err(Unclear::Name));
        let times = found[1].times.as_ref().unwrap();
        assert_eq!((times.from, times.to), (TEN * SECOND, (TEN + 300) * SECOND));
        assert_eq!((times.source, found[1].media.as_str()), (IntervalSource::Index, "mp4"));
        std::fs::remove_file(dir.join("day/a.MP4")).unwrap();
        assert!(matches!(walk(dir, &stated()), Err(Failure::Value { .. })));
    }
}
