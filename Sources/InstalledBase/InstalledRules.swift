import Base

/// Whether a unit is under warranty or contract, by which of them and until when.
public struct WarrantyVerdict: Sendable, Equatable {
    public enum By: String, Sendable, CaseIterable { case date, hours, contract }

    public var isIn: Bool
    /// What covers it, or what ended the warranty; nil where nothing was ever agreed.
    public var by: By?
    /// The last day covered, known or computed from the readings; of a warranty that has ended, the day
    /// it ended on.
    public var until: Int?
    /// The contract that covers it.
    public var contract: ContractID?

    public init(isIn: Bool, by: By?, until: Int?, contract: ContractID? = nil) {
        self.isIn = isIn
        self.by = by
        self.until = until
        self.contract = contract
    }
}

/// What a contract says of one unit, as far as the verdict needs it.
public struct Cover: Sendable, Equatable {
    public var contract: ContractID
    public var from: Int
    public var until: Int
    public init(contract: ContractID, from: Int, until: Int) {
        self.contract = contract
        self.from = from
        self.until = until
    }
}

public enum Warranty {
    /// A reading as the forecast needs it.
    public struct Reading: Sendable, Equatable {
        public var day: Int
        public var total: Int64
        public init(day: Int, total: Int64) {
            self.day = day
            self.total = total
        }
    }

    /// The verdict on a day. Warranty runs to its date or to its hours, whichever comes first; after it
    /// a contract in force covers the unit.
    ///
    /// - Parameter readings: oldest first
    public static func verdict(
        on day: Int, from: Int?, until: Int?, hours: Int64?, readings: [Reading], covers: [Cover]
    ) -> WarrantyVerdict {
        let byHours = hours.flatMap { end(hours: $0, readings, from: from) }
        // Of two ends the earlier one counts; on the same day the agreed date is named.
        var own: (by: WarrantyVerdict.By, until: Int?)?
        if let until { own = (.date, until) }
        if hours != nil {
            switch (own?.until, byHours) {
            case (nil, _): own = (.hours, byHours)
            case (let date?, let end?) where end < date: own = (.hours, end)
            default: break
            }
        }
        if let own {
            let hasBegun = from.map { $0 <= day } ?? true
            if hasBegun, own.until.map({ day <= $0 }) ?? true {
                return WarrantyVerdict(isIn: true, by: own.by, until: own.until)
            }
        }
        let inForce = covers.filter { $0.from <= day && day <= $0.until }
        if let cover = inForce.max(by: { ($0.until, $0.contract) < ($1.until, $1.contract) }) {
            return WarrantyVerdict(isIn: true, by: .contract, until: cover.until, contract: cover.contract)
        }
        return WarrantyVerdict(isIn: false, by: own?.by, until: own?.until)
    }

    /// The last day before so many hours are reached: from the readings where they were, else carried on
    /// at the mean rate of all readings; nil where the readings tell nothing.
    static func end(hours: Int64, _ readings: [Reading], from: Int?) -> Int? {
        guard let last = readings.last else { return nil }
        if let reached = readings.first(where: { $0.total >= hours }) { return reached.day - 1 }
        // The meter began at zero when warranty began, where only one reading is known.
        let first =
            readings.count > 1 ? readings[0] : from.map { Reading(day: $0, total: 0) } ?? readings[0]
        let days = Int64(last.day - first.day)
        let ran = last.total - first.total
        guard days > 0, ran > 0 else { return nil }
        let left = hours - last.total
        let (product, overflow) = left.multipliedReportingOverflow(by: days)
        guard !overflow else { return nil }
        let more = product / ran
        // Beyond a century the rate says nothing.
        return more > 36_525 ? nil : last.day + Int(more)
    }

    /// The last day of so many months that begin on a day.
    public static func until(from day: Int, months: Int) -> Int {
        let (year, month, date) = CivilDate.date(dayNumber: day)
        let total = year * 12 + (month - 1) + months
        let (y, m) = (total / 12, total % 12 + 1)
        return CivilDate.dayNumber(
            year: y, month: m, day: min(date, CivilDate.daysInMonth(year: y, month: m)))
            - 1
    }
}

/// A meter of operating hours.
public enum Meter {
    /// A reading is dated by the day as a rule.
    static let tolerance: Int64 = 24

    /// The most hours that it can have run in some time.
    static func most(in time: Span) -> Int64 { time.ms / Span.hours(1).ms + tolerance }
}

public enum Watch {
    /// Early-life watch: whether a ticket of this product is one of the first of a new model.
    /// - Parameter before: tickets of the product that came earlier
    public static func holds(tickets: Int64?, until: Int?, before: Int64, on day: Int) -> Bool {
        if let until, day <= until { return true }
        if let tickets, before < tickets { return true }
        return false
    }
}
