//! What became of an imported row.

use crate::codes;

codes!(
    /// The result of a row.
    RowResult, "row result" {
        /// Taken.
        Accept = "accept",
        /// Taken, with a remark.
        Warn = "warn",
        /// Kept apart until a person decides.
        Hold = "hold",
        /// Given back with the reason.
        Reject = "reject",
        /// Same number, same content: nothing to do.
        Duplicate = "duplicate",
        /// Same number, other content in one file: neither silently wins.
        Conflict = "conflict",
    }
);

codes!(
    /// Why a row got its result; each has words in both languages.
    RowReason, "reason of a row" {
        /// A required column is empty.
        FieldMissing = "field-missing",
        /// No coordinates: the address cannot be placed.
        NoCoordinates = "no-coordinates",
        /// Latitude or longitude is no number or out of range.
        CoordinateOutOfRange = "coordinate-out-of-range",
        /// Latitude and longitude look swapped.
        CoordinatesSwapped = "coordinates-swapped",
        /// Both coordinates are zero.
        CoordinatesZero = "coordinates-zero",
        /// The place is far from all others of the file.
        CoordinatesFarAway = "coordinates-far-away",
        /// The datum is not known.
        UnknownDatum = "unknown-datum",
        /// The amount cannot be read.
        AmountUnreadable = "amount-unreadable",
        /// The amount is negative.
        AmountNegative = "amount-negative",
        /// The currency is unknown.
        UnknownCurrency = "unknown-currency",
        /// The date does not exist or cannot be read.
        DateUnreadable = "date-unreadable",
        /// It is dated in the future.
        DateInFuture = "date-in-future",
        /// A whole number was expected.
        NumberUnreadable = "number-unreadable",
        /// A flag that is not known: a restriction may hide in it.
        UnknownFlag = "unknown-flag",
        /// The stated times cannot be read: a wish of the person may hide in them.
        AvailableUnreadable = "available-unreadable",
        /// The phone number is not plausible.
        PhoneImplausible = "phone-implausible",
        /// Days past due and due date disagree.
        DaysDisagree = "days-disagree",
        /// The same number stands in another line with other content.
        NumberConflict = "number-conflict",
        /// The same number and content stand in another line or were imported before.
        AlreadyThere = "already-there",
        /// The number of fields differs from the header's.
        FieldCount = "field-count",
        /// Not a row of data (a sum, a remark).
        NotARow = "not-a-row",
        /// Text held control characters, which were removed.
        ControlCharacters = "control-characters",
        /// Text begins like a formula; kept as text and neutralised on export.
        FormulaText = "formula-text",
        /// A field is longer than the limit.
        TooLong = "too-long",
        /// The text is not in the file's encoding.
        BadEncoding = "bad-encoding",
        /// The agency is none that cases may be given to: not known, or not on the white list.
        UnknownAgency = "unknown-agency",
        /// The number belongs to a case of the creditor or of another agency.
        NotYours = "not-yours",
        /// The person asked Doorstep to forget them; their number is not taken again.
        Erased = "erased",
        /// No case in the importer's reach has this number.
        UnknownCase = "unknown-case",
        /// Several portfolios have a case with this number.
        SeveralCases = "several-cases",
        /// Neither a call, a message nor a letter.
        UnknownChannel = "unknown-channel",
        /// No outcome that a contact on this channel can have.
        UnknownOutcome = "unknown-outcome",
        /// A rule forbade the contact when it was made; it is recorded all the same.
        RuleForbade = "rule-forbade",
        /// No portfolio has this name, and loans make none.
        UnknownPortfolio = "unknown-portfolio",
        /// The rows of one loan, or a payment and its case, are in different currencies.
        CurrencyOther = "currency-other",
        /// The person stands otherwise in another row of the same loan.
        PersonDiffers = "person-differs",
        /// An instalment falls due before the one above it.
        DueOutOfOrder = "due-out-of-order",
        /// The numbers of instalments leave one out.
        InstalmentGap = "instalment-gap",
        /// The file is older than what is known of this instalment.
        OlderThanKnown = "older-than-known",
        /// Less than was paid or waived of it already.
        LessThanPaid = "less-than-paid",
        /// Another row of the same loan goes back, and half a loan is none.
        LoanIncomplete = "loan-incomplete",
        /// A payment of nothing.
        AmountZero = "amount-zero",
        /// Neither a payment nor a reversal.
        UnknownPaymentKind = "unknown-payment-kind",
        /// Cash that was handed to staff: nobody takes any.
        CashToStaff = "cash-to-staff",
        /// The reference stands for other money already.
        ReferenceReused = "reference-reused",
        /// More than the case owes.
        Overpaid = "overpaid",
        /// Paid before the day as of which the case file states what is owed: it may be in there already.
        BeforeBalance = "before-balance",
        /// No counted payment has the reference that is to be reversed.
        ReversalUnmatched = "reversal-unmatched",
        /// The payment with this reference has another amount, case or currency.
        ReversalDiffers = "reversal-differs",
        /// No reason for default that is known.
        UnknownReason = "unknown-reason",
        /// No step of the portfolio's strategy on that channel.
        UnknownStep = "unknown-step",
        /// Nobody of the staff has the number.
        UnknownStaff = "unknown-staff",
        /// A promise for a day that is over when it is made.
        PromisePast = "promise-past",
        /// A promise of more than is due, of nothing, or without its day or amount.
        PromiseImpossible = "promise-impossible",
    }
);
