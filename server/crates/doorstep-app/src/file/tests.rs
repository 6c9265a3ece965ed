//! Every file of the shared data, row by row where its results are known, and files that nobody should send.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use super::*;
use doorstep_domain::case::Flag;
use doorstep_domain::import::{RowReason, RowResult};
use doorstep_domain::measure::{Micros, Minor};
use doorstep_domain::place::{Datum, parse_degrees};
use doorstep_domain::staff::{Role, Travel};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::Cursor;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data/cases");

type CaseFile = ImportFile<Cursor<Vec<u8>>, Cases>;
type CaseOutcome = RowOutcome<CaseRow>;

fn shared(name: &str) -> Vec<u8> {
    std::fs::read(format!("{CASES}/{name}")).unwrap_or_else(|e| panic!("{CASES}/{name} is needed: {e}"))
}

fn options() -> ReadOptions {
    ReadOptions::at(Micros(1_795_392_000_000_000))
}

fn open(bytes: impl Into<Vec<u8>>) -> Result<CaseFile, FileError> {
    ImportFile::open(Cursor::new(bytes.into()), options())
}

fn outcomes(file: &mut CaseFile) -> Vec<CaseOutcome> {
    file.rows().unwrap().collect::<Result<_, _>>().unwrap()
}

fn read(bytes: impl Into<Vec<u8>>) -> Vec<CaseOutcome> {
    outcomes(&mut open(bytes).unwrap())
}

fn staff(name: &str) -> Vec<RowOutcome<StaffRow>> {
    let mut file: ImportFile<_, Staff> = ImportFile::open(Cursor::new(shared(name)), options()).unwrap();
    file.rows().unwrap().collect::<Result<_, _>>().unwrap()
}

/// Changes to a good row, the result they lead to, and why.
type ReasonCase<'a> = (&'a [(&'a str, &'a str)], RowResult, &'a [RowReason]);

/// A file of one row: the header of the shared files and the given changes to a good row.
fn one(changes: &[(&str, &str)]) -> CaseOutcome {
    let names =
        "case_no portfolio name phone address lat lon amount_due currency due_date days_past_due flags available";
    let good = [
        "7",
        "card",
        "Ana",
        "+351900000000",
        "Rua 1",
        "41.1",
        "-8.6",
        "10.00",
        "EUR",
        "2026-11-03",
        "20",
        "",
        "",
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(names.split(' ')).unwrap();
    let cell = |(name, good): (&str, &'static str)| {
        changes
            .iter()
            .find(|(changed, _)| *changed == name)
            .map_or(good.to_owned(), |(_, text)| (*text).to_owned())
    };
    writer.write_record(names.split(' ').zip(good).map(cell)).unwrap();
    read(writer.into_inner().unwrap()).remove(0)
}

#[test]
fn porto_is_accepted_whole() {
    let mut file = open(shared("porto-cases.csv")).unwrap();
    let preview = file.preview(3).unwrap();
    assert_eq!(
        (preview.counts.of(RowResult::Accept), preview.counts.total()),
        (600, 600)
    );
    assert_eq!(
        (preview.file_day, preview.first.len(), preview.header_line),
        (date(2026, 11, 23), 3, 1)
    );
    assert!(
        preview
            .columns
            .iter()
            .all(|(_, used)| matches!(used, ColumnUse::Field(_)))
    );
    let row = outcomes(&mut file).remove(0).row.unwrap();
    assert_eq!(
        (row.case_no.as_str(), row.portfolio.as_str(), row.line),
        ("PO-10000", "card", 2)
    );
    assert_eq!(
        (row.amount.total(), row.amount.currency().code()),
        (Minor(154_229), "EUR")
    );
    assert_eq!(row.amount.as_of(), options().as_of);
    assert_eq!(
        (row.days_past_due, row.due_date, row.visits_so_far),
        (16, Some(date(2026, 11, 7)), 2)
    );
    assert_eq!((row.point.lat_e7(), row.point.lon_e7()), (412_108_540, -85_584_200));
    assert_eq!(row.personal.columns.len(), 16);
    assert_ne!(row.content_hash, [0; 32]);
}

#[test]
fn the_messy_file_is_met_row_by_row() {
    let expected: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&shared("porto-messy-expected.json")).unwrap();
    let rows = read(shared("porto-messy.csv"));
    let mut met = BTreeMap::new();
    for row in &rows {
        let Some(wanted) = expected.get(&row.number) else {
            let taken = row.result == RowResult::Accept || row.reasons == [RowReason::NotARow];
            assert!(taken, "line {} {}: {:?}", row.line, row.number, row.reasons);
            continue;
        };
        let one_of = wanted["one_of"].as_array().unwrap();
        let fits = one_of.iter().any(|code| code == row.result.code());
        *met.entry(row.number.as_str()).or_insert(false) |= fits;
        // The first of two equal rows is the one that is taken.
        let first_of_two = row.number == "PO-10060" && row.result == RowResult::Accept;
        assert!(
            fits || first_of_two,
            "line {} {}: {} {:?}",
            row.line,
            row.number,
            row.result,
            row.reasons
        );
        if let (Some(minor), Some(taken)) = (wanted["if_read_minor"].as_i64(), &row.row) {
            assert_eq!(taken.amount.total(), Minor(minor));
        }
    }
    assert_eq!(met.len(), expected.len());
    assert!(met.values().all(|met| *met), "{met:?}");
    let numbers: Vec<_> = rows
        .iter()
        .filter(|row| row.result == RowResult::Accept)
        .map(|row| &row.number)
        .collect();
    assert_eq!(
        numbers.len(),
        120 - expected.len() + 4,
        "every other row, the quoted line break, 1.234,56, the long name, the first twin"
    );
    let conflict: Vec<_> = rows.iter().filter(|row| row.number == "PO-10061").collect();
    assert_eq!(conflict[0].same_number_lines, [conflict[1].line]);
    assert_eq!(conflict[1].same_number_lines, [conflict[0].line]);
    assert!(
        conflict
            .iter()
            .all(|row| row.result == RowResult::Conflict && row.row.is_none())
    );
    assert_eq!(
        (conflict[0].line, conflict[1].line),
        (64, 124),
        "lines count the break within a quoted field"
    );
}

#[test]
fn the_large_file_is_read_twice_alike() {
    let mut file = open(shared("porto-large-cases.csv")).unwrap();
    let first = file.preview(0).unwrap();
    assert_eq!(
        (first.counts.of(RowResult::Accept), first.counts.total()),
        (20_000, 20_000)
    );
    assert_eq!(file.preview(0).unwrap().counts, first.counts);
}

#[test]
fn hangzhou_text_and_workbook_hold_the_same_cases() {
    let mut text = open(shared("hangzhou-cases-gb18030.csv")).unwrap();
    let gb18030 = Format::Csv {
        encoding: Encoding::Gb18030,
        delimiter: b',',
    };
    assert_eq!(text.format(), gb18030);
    let from_text = outcomes(&mut text);
    assert_eq!(
        from_text.iter().filter(|row| row.result == RowResult::Accept).count(),
        400
    );
    let mut workbook = open(shared("hangzhou-cases.xlsx")).unwrap();
    assert_eq!((workbook.format(), workbook.columns().line()), (Format::Xlsx, 2));
    let from_workbook = outcomes(&mut workbook);
    assert_eq!(from_workbook.len(), 150);
    for (text, sheet) in from_text.iter().zip(&from_workbook) {
        let (text, sheet) = (text.row.as_ref().unwrap(), sheet.row.as_ref().unwrap());
        assert_eq!(text.content_hash, sheet.content_hash, "{}", text.case_no);
        assert_eq!(
            (text.amount, text.point, &text.flags),
            (sheet.amount, sheet.point, &sheet.flags)
        );
    }
    let flags = |flag| {
        from_text
            .iter()
            .filter(|row| row.row.as_ref().unwrap().flags.contains(&flag))
            .count()
    };
    assert_eq!(
        (
            flags(Flag::AddressUnverified),
            flags(Flag::PlanPerforming),
            flags(Flag::Deceased)
        ),
        (12, 26, 4)
    );
    let first = from_text[0].row.as_ref().unwrap();
    assert_eq!(
        (first.amount.total(), first.amount.currency().code()),
        (Minor(1_189_830), "CNY")
    );
    assert_eq!(first.personal.datum, Datum::Gcj02.code());
    assert_eq!(first.personal.given, ["30.252699".to_owned(), "120.124300".to_owned()]);
    let truth = parse_degrees("30.25498").unwrap();
    assert!((first.point.lat_e7() - truth).abs() < 200, "{}", first.point.degrees());
}

#[test]
fn staff_files_in_both_languages() {
    for (name, count) in [
        ("porto-staff.csv", 16),
        ("porto-large-staff.csv", 240),
        ("hangzhou-staff-gb18030.csv", 12),
    ] {
        let rows = staff(name);
        assert_eq!(rows.len(), count, "{name}");
        for row in &rows {
            assert_eq!(
                (row.result, &row.reasons),
                (RowResult::Accept, &vec![]),
                "{name} line {}",
                row.line
            );
        }
    }
    let porto = staff("porto-staff.csv").remove(1).row.unwrap();
    assert_eq!(
        (
            porto.staff_no.as_str(),
            porto.roster.unwrap().crew.as_str(),
            porto.languages
        ),
        ("S002", "C01", vec!["pt".into(), "en".into()])
    );
    let hangzhou = staff("hangzhou-staff-gb18030.csv");
    let travel = |index: usize| hangzhou[index].row.as_ref().unwrap().roster.as_ref().unwrap().travel;
    assert_eq!(
        (travel(0), travel(2), travel(4)),
        (Travel::Moped, Travel::Car, Travel::Foot)
    );
    let first = hangzhou[0].row.as_ref().unwrap();
    assert_eq!(
        (first.role, first.certificate_until()),
        (Role::Field, Some(date(2027, 9, 19)))
    );
    let first = first.roster.as_ref().unwrap();
    assert_eq!(
        (first.home_datum, first.shift.to_string().as_str()),
        (Datum::Gcj02, "09:00-18:00")
    );
}

const REASON_CASES: &[ReasonCase] = &[
    (&[], RowResult::Accept, &[]),
    (&[("name", "")], RowResult::Reject, &[RowReason::FieldMissing]),
    (
        &[("lat", ""), ("lon", "")],
        RowResult::Reject,
        &[RowReason::NoCoordinates],
    ),
    (
        &[("lat", "0"), ("lon", "0.0")],
        RowResult::Reject,
        &[RowReason::CoordinatesZero],
    ),
    (
        &[("lat", "north")],
        RowResult::Reject,
        &[RowReason::CoordinateOutOfRange],
    ),
    (
        &[("amount_due", "1,234")],
        RowResult::Reject,
        &[RowReason::AmountUnreadable],
    ),
    (&[("amount_due", "")], RowResult::Reject, &[RowReason::FieldMissing]),
    (&[("amount_due", "-1")], RowResult::Reject, &[RowReason::AmountNegative]),
    (
        &[("currency", "EURO")],
        RowResult::Reject,
        &[RowReason::UnknownCurrency],
    ),
    (
        &[("due_date", "03/11/2026")],
        RowResult::Reject,
        &[RowReason::DateUnreadable],
    ),
    (
        &[("due_date", ""), ("days_past_due", "")],
        RowResult::Reject,
        &[RowReason::FieldMissing],
    ),
    (
        &[("days_past_due", "sixty")],
        RowResult::Reject,
        &[RowReason::NumberUnreadable],
    ),
    (&[("flags", "disputed;odd")], RowResult::Hold, &[RowReason::UnknownFlag]),
    (
        &[("available", "never on Mondays")],
        RowResult::Hold,
        &[RowReason::AvailableUnreadable],
    ),
    (&[("phone", "12345")], RowResult::Warn, &[RowReason::PhoneImplausible]),
    (
        &[("name", "A\u{7}na")],
        RowResult::Warn,
        &[RowReason::ControlCharacters],
    ),
    (&[("address", "=1+1")], RowResult::Warn, &[RowReason::FormulaText]),
];

#[test]
fn each_reason_is_found() {
    for (changes, result, reasons) in REASON_CASES {
        let row = one(changes);
        assert_eq!((row.result, row.reasons.as_slice()), (*result, *reasons), "{changes:?}");
        let taken = matches!(result, RowResult::Accept | RowResult::Warn | RowResult::Hold);
        assert_eq!(row.row.is_some(), taken, "{changes:?}");
    }
    let long = "a".repeat(2_001);
    assert_eq!(one(&[("name", &long)]).reasons, [RowReason::TooLong]);
    let held = one(&[("flags", "disputed;odd")]).row.unwrap();
    assert_eq!(
        held.flags,
        [Flag::Disputed],
        "what is known of a held row still restricts"
    );
}

#[test]
fn the_whole_file_tells_the_day_and_the_missing_days() {
    let text = "case_no;portfolio;name;address;lat;lon;amount_due;currency;due_date;days_past_due\n\
        1;c;A;B;41,1;-8,6;1,5;EUR;2026-11-03;20\n2;c;A;B;41,1;-8,6;1,5;EUR;2026-11-13;10\n\
        3;c;A;B;41,1;-8,6;1,5;EUR;2026-11-03;25\n4;c;A;B;41,1;-8,6;1,5;EUR;2026-10-24;\n";
    let rows = read(text);
    assert_eq!(rows[2].reasons, [RowReason::DaysDisagree]);
    assert_eq!(rows[3].row.as_ref().unwrap().days_past_due, 30);
    assert_eq!(rows[0].row.as_ref().unwrap().amount.total(), Minor(150));
}

#[test]
fn titles_and_sums_around_the_rows_are_no_cases() {
    let text = "sep=;\nCases of the week;;;;;;;;;\n\ncase_no;portfolio;name;address;lat;lon;amount_due;currency;due_date\n\
        1;c;A;B;41.1;-8.6;1.5;EUR;2026-11-03\n;;;;;;;;\nTotal: 1;;;;;;1.5;EUR;\n合计;1\n2;c;A;B;41.1;-8.6;1.5;EUR\n";
    let mut file = open(text).unwrap();
    assert_eq!(file.columns().line(), 4);
    let rows = outcomes(&mut file);
    let found: Vec<_> = rows.iter().map(|row| (row.line, row.reasons.as_slice())).collect();
    let not_a_row: &[RowReason] = &[RowReason::NotARow];
    let expected = [
        (5, &[] as &[RowReason]),
        (7, not_a_row),
        (8, not_a_row),
        (9, &[RowReason::FieldCount]),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_row_of_another_length_is_given_back_so_that_it_is_refused_again() {
    let head = "case_no,portfolio,name,address,lat,lon,amount_due,currency,due_date";
    let rows = "1,c,A,B,41.1,-8.6,1.5,EUR\n2,c,A,B,x,41.1,-8.6,1.5,EUR,2026-11-03\n3,c,A,B,\n4,c,A,B,41.1,-8.6,1.5,EUR,nowhen\n";
    let given_back = |text: String| {
        let mut file = open(text).unwrap();
        let mut back = GiveBack::new(Vec::new(), file.columns(), file.format()).unwrap();
        let outcomes = outcomes(&mut file);
        for outcome in &outcomes {
            assert!(outcome.goes_back(), "{outcome:?}");
            back.row(outcome, |reason| reason.code().to_owned()).unwrap();
        }
        (String::from_utf8(back.finish().unwrap()).unwrap(), outcomes)
    };
    let (once, first) = given_back(format!("{head}\n{rows}"));
    assert!(once.contains("1,c,A,B,41.1,-8.6,1.5,EUR,field-count: "), "{once}");
    assert_eq!(
        first[3].reasons,
        [RowReason::DateUnreadable],
        "nothing is missing there"
    );
    let (twice, _) = given_back(once.clone());
    assert_eq!(once, twice, "unchanged, it comes back as it was");
    let mended = once.replace("1.5,EUR,field-count", "1.5,EUR,2026-11-03,field-count");
    assert_eq!(read(mended)[0].result, RowResult::Accept);
    // What a refused column holds is not kept, wherever it may stand in the row.
    let (once, _) = given_back(
        "case_no,religion,portfolio,name,address,lat,lon,amount_due,currency,due_date\n1,secret\n2,x,secret\n"
            .to_owned(),
    );
    assert!(!once.contains("secret"), "{once}");
}

#[test]
fn any_delimiter_is_found() {
    let lines = [
        "case_no,portfolio,name,address,lat,lon,amount_due,currency,due_date",
        "1,card,Ana,Rua 1,41.1,-8.6,10.50,EUR,2026-11-03",
    ];
    for delimiter in ",;\t|^~:!#$%&*/=?@\\\u{1}\u{1e}\u{1f}".chars() {
        let file = lines.map(|line| line.replace(',', &delimiter.to_string())).join("\n");
        let rows = read(file);
        assert_eq!(rows.len(), 1, "{delimiter:?}");
        assert_eq!(
            (rows[0].result, rows[0].number.as_str()),
            (RowResult::Accept, "1"),
            "{delimiter:?}"
        );
    }
}

#[test]
fn an_amount_of_the_day_after_tomorrow_is_refused() {
    let header = "案件编号,产品,姓名,地址,经度,纬度,坐标系,欠款金额,逾期天数,数据日期\n";
    let row = |day: &str| read(format!("{header}1,借呗,张三,文二西路1号,120.1,30.2,WGS84,10,3,{day}\n")).remove(0);
    // Where the day has begun already, it is tomorrow here.
    assert_eq!(row("2026-11-24").result, RowResult::Accept);
    let refused = row("2026-11-25");
    assert_eq!(
        (refused.result, refused.reasons.as_slice()),
        (RowResult::Reject, &[RowReason::DateInFuture][..])
    );
}

#[test]
fn parts_must_add_up_and_may_stand_for_the_total() {
    let header = "案件编号,产品,姓名,地址,经度,纬度,坐标系,欠款金额,本金,利息,罚息,费用,逾期天数,数据日期\n";
    let row = |money: &str| format!("{header}1,借呗,张三,文二西路1号,120.1,30.2,WGS84,{money},3,2026-11-20\n");
    let parts = read(row("\"1,000.00\",900,80,15,5")).remove(0).row.unwrap();
    assert_eq!(parts.amount.parts().unwrap().interest, Minor(8_000));
    assert_eq!(parts.amount.as_of(), Micros(1_795_132_800_000_000));
    assert_eq!(
        read(row(",900,80,15,5")).remove(0).row.unwrap().amount.total(),
        Minor(100_000)
    );
    assert_eq!(read(row("999,900,80,15,5"))[0].reasons, [RowReason::AmountUnreadable]);
}

#[test]
fn a_roster_is_needed_by_who_goes_out() {
    let open = |header: &str, row: &str| {
        let bytes = format!("{header}\n{row}\n").into_bytes();
        let file: Result<ImportFile<_, Staff>, FileError> = ImportFile::open(Cursor::new(bytes), options());
        file.map(|mut file| file.rows().unwrap().next().unwrap().unwrap())
    };
    let office = open("staff_no,name,role", "O1,Ana,auditor").unwrap();
    assert_eq!((office.result, office.row.unwrap().roster), (RowResult::Accept, None));
    // Somebody of the field in a file without a roster is named, the others land.
    let field = open("staff_no,name,role", "F1,Rui,").unwrap();
    assert_eq!(field.result, RowResult::Reject);
    for header in [
        "staff_no,name",
        "staff_no,name,role,crew",
        "staff_no,name,crew,home_lat",
    ] {
        let missing = open(header, "O1,Ana,auditor,").map(|_| ()).unwrap_err().to_string();
        assert!(missing.contains("travel"), "{header}: {missing}");
    }
}

#[test]
fn columns_are_mapped_refused_and_reported() {
    let text = "Kundennr|Filiale|宗教|portfolio|name|address|lat|lon|amount_due|currency|due_date|facebook\n\
        1|Nord|x|c|A|B|41.1|-8.6|1|EUR|2026-11-03|y\n";
    let missing = open(text).map(|_| ()).unwrap_err();
    assert!(missing.to_string().contains("no column for case_no"), "{missing}");
    let mut options = options();
    options.mapping = Mapping::parse(&["Kundennr=case_no"], FileKind::Cases).unwrap();
    let mut file: CaseFile = ImportFile::open(Cursor::new(text.into()), options.clone()).unwrap();
    let used = |file: &CaseFile, name: &str| file.columns().list().find(|(known, _)| *known == name).unwrap().1;
    assert_eq!(used(&file, "Filiale"), ColumnUse::Unknown);
    assert_eq!(used(&file, "宗教"), ColumnUse::Refused(RefusedColumn::Religion));
    assert_eq!(used(&file, "facebook"), ColumnUse::Refused(RefusedColumn::SocialMedia));
    let row = outcomes(&mut file).remove(0).row.unwrap();
    assert_eq!(row.case_no, "1");
    assert!(
        row.personal
            .columns
            .iter()
            .all(|(name, _)| !["Filiale", "宗教", "facebook"].contains(&name.as_str()))
    );
    options.mapping = Mapping::parse(&["Kundennr=case_no", "Filiale=keep"], FileKind::Cases).unwrap();
    let mut file: CaseFile = ImportFile::open(Cursor::new(text.into()), options.clone()).unwrap();
    let kept = outcomes(&mut file).remove(0).row.unwrap();
    assert!(kept.personal.columns.contains(&("Filiale".into(), "Nord".into())));
    assert_ne!(kept.content_hash, row.content_hash);
    for (mapping, code) in [
        ("facebook=keep", "mapping-column-refused"),
        ("Nummer=case_no", "mapping-column-missing"),
    ] {
        options.mapping = Mapping::parse(&[mapping], FileKind::Cases).unwrap();
        let error = CaseFile::open(Cursor::new(text.into()), options.clone())
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error.code(), code);
    }
    assert_eq!(
        Mapping::parse(&["a=shift"], FileKind::Cases).unwrap_err().code(),
        "mapping-unreadable"
    );
}

#[test]
fn whole_files_are_refused_with_their_codes() {
    let porto = shared("porto-cases.csv");
    let xlsx = shared("hangzhou-cases.xlsx");
    let cut_in_quotes = "case_no,portfolio,name,address,lat,lon,amount_due,currency,due_date\n1,c,A,\"Rua";
    let chinese = "案件编号,产品,姓名,地址,经度,纬度,欠款金额,逾期天数\n1,借呗,张三,路1号,120.1,30.2,5,3\n";
    let twice = "case_no,Case No,portfolio,name,address,lat,lon,amount_due,currency,due_date\n";
    let cases: [(&[u8], &str); 8] = [
        (b"", "file-empty"),
        (b"hello world\nthis is a letter\n", "file-no-header"),
        (cut_in_quotes.as_bytes(), "file-truncated"),
        (chinese.as_bytes(), "file-datum-not-stated"),
        (twice.as_bytes(), "file-two-columns"),
        (&xlsx[..xlsx.len() / 2], "workbook-unreadable"),
        (b"PK\x03\x04 and no more", "workbook-unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 rest", "workbook-password-or-old"),
    ];
    for (bytes, code) in cases {
        let error = open(bytes).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    let limited = |change: fn(&mut Limits), bytes: &[u8]| {
        let mut options = options();
        change(&mut options.limits);
        CaseFile::open(Cursor::new(bytes.to_vec()), options)
            .map(|_| ())
            .unwrap_err()
            .code()
    };
    assert_eq!(limited(|limits| limits.bytes_max = 100, &porto), "file-too-large");
    assert_eq!(limited(|limits| limits.rows_max = 599, &porto), "file-too-many-rows");
    assert_eq!(limited(|limits| limits.rows_max = 149, &xlsx), "file-too-many-rows");
    assert_eq!(
        limited(|limits| limits.columns_max = 10, &porto),
        "file-too-many-columns"
    );
    assert_eq!(
        limited(|limits| limits.unpacked_bytes_max = 50_000, &xlsx),
        "workbook-too-large"
    );
}

#[test]
fn bad_rows_go_back_and_come_again() {
    for (name, bytes) in [
        ("porto", shared("porto-messy.csv")),
        ("hangzhou", shared("hangzhou-cases.xlsx")),
    ] {
        let mut file = open(bytes).unwrap();
        let rows = outcomes(&mut file);
        let mut back = GiveBack::new(Vec::new(), file.columns(), file.format()).unwrap();
        // All rows take the trip here, so that the good ones show that nothing changes on it.
        for row in &rows {
            back.row(row, |reason| format!("words for {reason}")).unwrap();
        }
        let given = back.finish().unwrap();
        let text = String::from_utf8(given.clone()).unwrap();
        assert!(text.starts_with('\u{feff}') && text.lines().next().unwrap().ends_with(REASON_COLUMN));
        assert!(
            !text.contains("\n=") && !text.contains(",\"=") && !text.contains(",="),
            "{name}: a formula"
        );
        let again = read(given);
        let known: Vec<_> = rows.iter().filter(|row| row.reasons != [RowReason::NotARow]).collect();
        assert!(known.len() > 100);
        for (row, same) in known.into_iter().zip(&again) {
            assert_eq!(
                (&same.number, &same.result, &same.reasons),
                (&row.number, &row.result, &row.reasons)
            );
            let hash = |row: &CaseOutcome| row.row.as_ref().map(|row| row.content_hash);
            assert_eq!(hash(same), hash(row), "{}", row.number);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_bytes_end_in_rows_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(mut file) = open(bytes) {
            prop_assert!(file.preview(1).is_ok());
        }
    }

    #[test]
    fn any_cells_end_in_rows(cells in prop::collection::vec("\\PC{0,12}|[-0-9.,:;/ ]{0,12}", 13)) {
        let names = ["case_no", "portfolio", "name", "phone", "address", "lat", "lon", "amount_due", "currency",
            "due_date", "days_past_due", "flags", "available"];
        let changes: Vec<(&str, &str)> = names.into_iter().zip(cells.iter().map(String::as_str)).collect();
        let header = names.join(",");
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(changes.iter().map(|(_, cell)| *cell)).unwrap();
        let body = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let rows = read(format!("{header}\n{body}"));
        prop_assert!(rows.len() <= 1);
        prop_assert!(rows.iter().all(|row| row.row.is_some() || !row.reasons.is_empty()));
    }

    #[test]
    fn a_damaged_file_never_panics(at in 0_usize..20_000, byte in any::<u8>(), cut in any::<bool>()) {
        for name in ["hangzhou-cases.xlsx", "hangzhou-cases-gb18030.csv", "porto-messy.csv"] {
            let mut bytes = shared(name);
            let at = at % bytes.len();
            if cut { bytes.truncate(at) } else { bytes[at] = byte }
            if let Ok(mut file) = open(bytes) {
                prop_assert!(file.preview(0).is_ok());
            }
        }
    }

    #[test]
    fn neutralising_is_undone_exactly(text in "['=+@\t-]{0,4}[a-z0-9.]{0,4}") {
        let mut there = neutralised(&text).into_owned();
        export::undo_apostrophe(&mut there);
        prop_assert_eq!(there, text);
    }
}
