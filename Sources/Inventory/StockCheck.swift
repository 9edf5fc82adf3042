import Base
import Store
import Web

/// A stock check 盘点: what is counted is compared with the books as they stood when it was counted.
public struct StockCheck: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Everything in a place; nothing moves there meanwhile.
        case full
        /// The parts of one class, by turns.
        case cycle
        /// So many rows, drawn by chance.
        case sample
        /// What has moved lately.
        case touched
        /// Everything, without showing what the books say.
        case blind
    }
    public enum State: String, Sendable, CaseIterable {
        case counting, recounting
        /// Counted; the difference waits for approval.
        case counted
        case posted, cancelled
    }

    public var id: String
    public var number: String
    public var kind: Kind
    public var state: State
    public var place: PlaceID
    public var abc: Part.ABC?
    public var isBlind: Bool
    /// Differences up to so many thousandths of the books are not counted again; of class A parts every one
    /// is.
    public var tolerancePermille: Int64
    /// The number up to which postings were in the books when it began.
    public var snapshot: Int64
    public var lineCount: Int64
    public var countedLines: Int64 = 0
    /// The sum of all differences, found and missing, each counted as positive.
    public var differenceMinor: Int64?
    public var createdBy: AccountID?
    public var createdAt: Instant
    public var submittedBy: AccountID?
    public var submittedAt: Instant?
    public var approvedBy: AccountID?
    public var approvedAt: Instant?
    public var version: Int64 = 1
    /// Who counts, beside those who answer for the place.
    public var counters: [AccountID] = []

    /// The largest tolerance: what an auditor lets pass without a second look.
    static let tolerance: ClosedRange<Int64> = 0...50

    var isFrozen: Bool { kind == .full && [.counting, .recounting, .counted].contains(state) }
}

public struct StockCheckLine: Sendable {
    public var number: Int
    public var key: StockKey
    /// By the books when the check began.
    public var expected: Int64
    /// By the books at the moment it was counted: what moved meanwhile is netted out.
    public var book: Int64?
    public var counted: Int64?
    public var countedBy: AccountID?
    public var countedAt: Instant?
    public var needsRecount: Bool
    public var firstCounted: Int64?
    public var firstBy: AccountID?
    public var note: String?

    var difference: Int64 { (counted ?? 0) - (book ?? 0) }
}

public struct CheckInput: Command {
    public var kind: StockCheck.Kind
    public var place: PlaceID
    public var abc: Part.ABC?
    public var size: Int64
    public var sinceDays: Int64
    public var tolerancePermille: Int64
    public var isBlind: Bool
    public var counters: [AccountID] = []

    public init(_ read: inout FieldReader) {
        kind = read.choice("kind") ?? .full
        place = read.id("place_id")
        abc = read.optionalChoice("abc")
        size = read.optionalInt("size", 1...10_000) ?? 20
        sinceDays = read.optionalInt("since_days", 1...366) ?? 30
        tolerancePermille = read.optionalInt("tolerance_permille", StockCheck.tolerance) ?? 0
        isBlind = read.optionalBool("blind") ?? (kind == .blind)
        counters = (read.words("counter_ids", maxCount: 50, max: 64) ?? []).map { AccountID($0) }
        if kind == .cycle, abc == nil { read.fault("abc", "field.required") }
        if kind == .blind { isBlind = true }
    }

    public init(_ kind: StockCheck.Kind, place: PlaceID, abc: Part.ABC? = nil) {
        self.kind = kind
        self.place = place
        self.abc = abc
        size = 20
        sinceDays = 30
        tolerancePermille = 0
        isBlind = kind == .blind
    }
}

/// What somebody counted: rows of the sheet, and what lay there without being on it.
public struct CountInput: Command {
    public struct Line: Command {
        public var line: Int
        public var quantity: Int64
        public var note: String?
        /// How long ago it was counted, where it could not be sent at once.
        public var secondsAgo: Int64 = 0
        public init(_ read: inout FieldReader) {
            line = Int(read.int("line", 1...10_000_000))
            quantity = read.int("quantity", 0...StockBounds.quantity.upperBound)
            note = read.optionalText("note", max: 500)
            secondsAgo = read.optionalInt("seconds_ago", 0...CountInput.longest) ?? 0
        }
        public init(line: Int, quantity: Int64) {
            self.line = line
            self.quantity = quantity
        }
    }
    public struct Found: Command {
        public var part: PartID
        public var place: PlaceID?
        public var quantity: Int64
        public var serial: String?
        public var batch: String?
        public var status: StockStatus
        public var owner: OrganizationID?
        public var note: String?
        public init(_ read: inout FieldReader) {
            part = read.id("part_id")
            place = read.optionalID("place_id")
            quantity = read.int("quantity", StockBounds.quantity)
            serial = read.identifier("serial")
            batch = read.identifier("batch")
            status = read.optionalChoice("status") ?? .usable
            owner = read.optionalID("owner_id")
            note = read.optionalText("note", max: 500)
        }
    }
    /// A count is kept on a phone for at most a month.
    public static let longest: Int64 = 31 * 86_400

    public var lines: [Line] = []
    public var found: [Found] = []
    public init(_ read: inout FieldReader) {
        lines = read.list("lines", count: 0...200, required: false)
        found = read.list("found", count: 0...200, required: false)
    }
    public init(_ lines: [Line]) { self.lines = lines }
}

extension InventoryMigrations {
    static let checks = Migration(
        "inventory-002",
        """
        create table stock_check (
          id {id} not null primary key, number {text} not null, kind {text} not null,
          state {text} not null, place_id {id} not null, abc {text}, is_blind {int} not null,
          tolerance_permille {int} not null, snapshot {int} not null, difference_minor {int},
          created_by {id}, created_at {int} not null, submitted_by {id}, submitted_at {int},
          approved_by {id}, approved_at {int}, version {int} not null
        ) {table};
        create unique index stock_check_number on stock_check (number);
        create index stock_check_place on stock_check (place_id, id);
        create table stock_check_line (
          check_id {id} not null, number {int} not null, part_id {id} not null, place_id {id} not null,
          status {text} not null, owner {text} not null, batch {text} not null, serial {text} not null,
          expected {int} not null, book {int}, counted {int}, counted_by {id}, counted_at {int},
          needs_recount {int} not null, first_counted {int}, first_by {id}, note {text},
          primary key (check_id, number)
        ) {table};
        create unique index stock_check_line_row on stock_check_line
          (check_id, part_id, place_id, status, owner, batch, serial);
        """)
}
