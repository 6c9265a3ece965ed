//! Why a whole file is refused. Row results are not errors: see `outcome`.
//!
//! Every variant has a stable code and says where and what to do. Holds no personal data but column names.

use super::field::{Field, RefusedColumn};

/// A file that cannot be read as rows.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Nothing in it.
    #[error("the file is empty; send a file with a header line and at least one row")]
    Empty,
    /// More bytes than the limit.
    #[error("the file has {bytes} bytes, more than the limit of {bytes_max}; split it, or raise the limit")]
    TooLarge {
        /// Size of the file in bytes.
        bytes: u64,
        /// The limit in bytes.
        bytes_max: u64,
    },
    /// More rows than the limit.
    #[error("the file has more than {rows_max} rows (line {line}); split it into several files")]
    TooManyRows {
        /// The limit.
        rows_max: u64,
        /// The line of the first row beyond it.
        line: u64,
    },
    /// More cells in one row than the limit.
    #[error("line {line} has more than {columns_max} fields; check the delimiter and the quotes")]
    TooManyColumns {
        /// The limit.
        columns_max: usize,
        /// The line.
        line: u64,
    },
    /// A record or a workbook that grows beyond all measure when it is read.
    #[error("line {line} is longer than {bytes_max} bytes; a quote before it may not be closed")]
    RowTooLong {
        /// The limit in bytes.
        bytes_max: usize,
        /// The line where the record starts.
        line: u64,
    },
    /// Not text: a picture, a PDF, an archive, a damaged file.
    #[error("the file is not text (byte {offset} is {found}); export it as CSV in UTF-8 or as XLSX")]
    Binary {
        /// Offset of the first byte that text never has.
        offset: u64,
        /// What stands there.
        found: &'static str,
    },
    /// An OLE container: an encrypted workbook or an old one.
    #[error("the workbook has a password or is an old .xls; save it as .xlsx without a password")]
    PasswordOrOldWorkbook,
    /// A zip archive that holds no workbook, or a damaged one.
    #[error("the workbook cannot be read ({cause}); open it in a spreadsheet program and save it again as .xlsx")]
    Workbook {
        /// What the reader of workbooks says.
        cause: String,
    },
    /// A workbook that unpacks to more than the limit.
    #[error("the workbook unpacks to more than {bytes_max} bytes; save only the sheet with the cases")]
    WorkbookTooLarge {
        /// The limit in bytes.
        bytes_max: u64,
    },
    /// Neither UTF-8 nor GB18030.
    #[error(
        "the text is neither UTF-8 nor GB18030: the first wrong byte is at {offset}; save the file as CSV in UTF-8 \
         (in a spreadsheet program: \"CSV UTF-8\")"
    )]
    WrongEncoding {
        /// Offset of the first byte that is wrong.
        offset: u64,
    },
    /// The file ends in the middle of a character or of a quoted field.
    #[error("the file ends inside a quoted field or character that starts in line {line}; send the whole file again")]
    Truncated {
        /// The line where the unfinished row starts.
        line: u64,
    },
    /// No line of the first ten looks like a header.
    #[error(
        "no header found in the first lines; the first line has: {found}; name your columns with a mapping such as \
         `Kundennr=case_no`"
    )]
    NoHeader {
        /// The fields of the first line, shortened.
        found: String,
    },
    /// Columns without which no row can be read.
    #[error("no column for {missing}; found: {found}; map yours, for example `Kundennr={example}`")]
    MissingColumns {
        /// The missing fields, by code and separated by commas.
        missing: String,
        /// The header as it stands, shortened.
        found: String,
        /// One of the missing fields.
        example: Field,
    },
    /// Two columns for one field.
    #[error("the columns `{first}` and `{second}` both mean {field}; remove or rename one, or map the right one")]
    TwoColumns {
        /// What both mean.
        field: Field,
        /// The first column.
        first: String,
        /// The second column.
        second: String,
    },
    /// A mapping that names no column of the file.
    #[error("the mapping names the column `{column}`, which the file does not have; found: {found}")]
    MappedColumnMissing {
        /// The column as it stands in the mapping.
        column: String,
        /// The header as it stands, shortened.
        found: String,
    },
    /// A mapping of a column that Doorstep does not take.
    #[error("the column `{column}` cannot be mapped: Doorstep does not take this kind of data ({refused})")]
    MappedColumnRefused {
        /// The column.
        column: String,
        /// Why it is refused.
        refused: RefusedColumn,
    },
    /// A mapping that cannot be read.
    #[error("`{text}` is no mapping; write `column=field`, with a field among: {fields}")]
    BadMapping {
        /// The text.
        text: String,
        /// The fields that may be mapped.
        fields: String,
    },
    /// The coordinates of a Chinese file without their datum, which may be off by half a kilometre.
    #[error("the coordinates have no datum: add a column 坐标系, or say WGS-84, GCJ-02 or BD-09 for the whole file")]
    DatumNotStated,
    /// The file cannot be read at all.
    #[error("the file cannot be read")]
    Read(#[from] std::io::Error),
    /// A file to give back or to export cannot be written.
    #[error("the CSV file cannot be written")]
    Write(#[source] std::io::Error),
}

impl FileError {
    /// The stable code, for problems and `--json`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file-empty",
            Self::TooLarge { .. } => "file-too-large",
            Self::TooManyRows { .. } => "file-too-many-rows",
            Self::TooManyColumns { .. } => "file-too-many-columns",
            Self::RowTooLong { .. } => "file-row-too-long",
            Self::Binary { .. } => "file-binary",
            Self::PasswordOrOldWorkbook => "workbook-password-or-old",
            Self::Workbook { .. } => "workbook-unreadable",
            Self::WorkbookTooLarge { .. } => "workbook-too-large",
            Self::WrongEncoding { .. } => "file-wrong-encoding",
            Self::Truncated { .. } => "file-truncated",
            Self::NoHeader { .. } => "file-no-header",
            Self::MissingColumns { .. } => "file-missing-columns",
            Self::TwoColumns { .. } => "file-two-columns",
            Self::MappedColumnMissing { .. } => "mapping-column-missing",
            Self::MappedColumnRefused { .. } => "mapping-column-refused",
            Self::BadMapping { .. } => "mapping-unreadable",
            Self::DatumNotStated => "file-datum-not-stated",
            Self::Read(_) => "file-unreadable",
            Self::Write(_) => "file-unwritable",
        }
    }
}
