import Base
import Store
import Web

/// A month of the accounts: closed, nothing is posted into it any more.
public struct StockPeriod: Sendable {
    /// `202603`.
    public var month: Int
    public var isOpen: Bool
    public var changedAt: Instant
    public var changedBy: AccountID?
    public var reason: String?
    public var version: Int64

    var name: String { Self.name(month) }

    /// `2026-03` of `202603`.
    static func name(_ month: Int) -> String {
        let m = month % 100
        return "\(month / 100)-\(m < 10 ? "0" : "")\(m)"
    }
}

struct PeriodInput: Command {
    var month: Int
    init(_ read: inout FieldReader) {
        let text = read.text("month", max: 7)
        month = PeriodInput.month(text) ?? 0
        if month == 0, !text.isEmpty { read.fault("month", "stock.not_a_month") }
    }

    /// `2026-03` as `202603`.
    static func month(_ text: String) -> Int? {
        guard text.utf8.count == 7, let day = CivilDate.parse(text + "-01") else { return nil }
        let (year, month, _) = CivilDate.date(dayNumber: day)
        return year * 100 + month
    }
}

struct YearInput: Command {
    var year: Int
    var method: CostPool.Method?
    init(_ read: inout FieldReader) {
        year = Int(read.int("year", 2000...2999))
        method = read.choice("method")
    }
}

struct StockYear: Sendable {
    var year: Int
    var method: CostPool.Method
    var changedAt: Instant
    var changedBy: AccountID?
}

// Months and years of the accounts.
extension Inventory {
    static let bookkeepers = Roles([.finance, .management])

    static func requireBookkeeper(_ tx: Transaction) throws {
        guard tx.actor.hasAny(bookkeepers) || Actor.isJob(tx.actor.name) else { throw Failure.forbidden() }
    }

    static func periods(_ tx: Transaction, _ condition: SQL = "month > 0") throws -> [StockPeriod] {
        try tx.rows(
            """
            select month, is_open, changed_at, changed_by, reason, version from stock_period
            where \(condition) order by month desc limit 200
            """
        ) { r in
            StockPeriod(
                month: r.count(), isOpen: r.bool(), changedAt: r.instant(), changedBy: r.idOrNil(),
                reason: r.textOrNil(), version: r.int())
        }
    }

    /// Closes a month, which has begun, or opens it again for a reason.
    @discardableResult
    static func setPeriod(_ month: Int, isOpen: Bool, reason: String?, _ tx: Transaction) throws
        -> StockPeriod
    {
        try requireBookkeeper(tx)
        let (year, m, _) = CivilDate.date(dayNumber: today("UTC", tx) + 1)
        guard month <= year * 100 + m else { throw Failure.invalid("month", "stock.future") }
        let old = try period(month, tx)
        guard (old?.isOpen ?? true) != isOpen else {
            throw Failure.conflict(isOpen ? "stock.period_is_open" : "stock.period_is_closed")
        }
        try tx.run(
            """
            insert into stock_period (month, is_open, changed_at, changed_by, reason, version)
            values (\(month), \(isOpen), \(tx.now), \(tx.actor.id), \(reason), 1)
            on conflict (month) do update set is_open = excluded.is_open, changed_at = excluded.changed_at,
              changed_by = excluded.changed_by, reason = excluded.reason, version = stock_period.version + 1
            """)
        let new = StockPeriod(
            month: month, isOpen: isOpen, changedAt: tx.now, changedBy: tx.actor.id, reason: reason,
            version: (old?.version ?? 0) + 1)
        try tx.record(
            Fact(
                isOpen ? "stock.period_reopened" : "stock.period_closed",
                Subject("stock_period", String(month)),
                data: .make(["month": .string(new.name), "reason": .of(reason)])))
        return new
    }

    static func years(_ tx: Transaction) throws -> [StockYear] {
        try tx.rows("select year, method, changed_at, changed_by from stock_year order by year desc") { r in
            StockYear(
                year: r.count(), method: r.choice(.movingAverage), changedAt: r.instant(),
                changedBy: r.idOrNil())
        }
    }

    /// Chooses how a year's stock is valued, before anything is posted in it.
    @discardableResult
    static func setYear(_ year: Int, _ method: CostPool.Method, _ tx: Transaction) throws -> StockYear {
        try requireBookkeeper(tx)
        let first = CivilDate.dayNumber(year: year, month: 1, day: 1)
        let next = CivilDate.dayNumber(year: year + 1, month: 1, day: 1)
        let hasPostings = try tx.exists(
            "select 1 from stock_movement where posted_on >= \(first) and posted_on < \(next) limit 1")
        if hasPostings { throw Failure.conflict("stock.year_has_postings", ["year": String(year)]) }
        try tx.run(
            """
            insert into stock_year (year, method, changed_at, changed_by)
            values (\(year), \(method), \(tx.now), \(tx.actor.id))
            on conflict (year) do update set method = excluded.method, changed_at = excluded.changed_at,
              changed_by = excluded.changed_by
            """)
        try tx.record(
            Fact(
                "stock.year_set", Subject("stock_year", String(year)),
                data: .make(["year": .int(Int64(year)), "method": .string(method.rawValue)])))
        return StockYear(year: year, method: method, changedAt: tx.now, changedBy: tx.actor.id)
    }
}
