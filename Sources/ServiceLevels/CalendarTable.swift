import Base

/// The open intervals of the years 2000 to 2060 with running totals, so that counting is a look-up:
/// the day's first interval by an index over UTC days, then a step or two; a target by galloping
/// forward over the totals.
struct CalendarTable: Sendable {
    /// Local days.
    static let firstDay = CivilDate.dayNumber(year: 2000, month: 1, day: 1)
    static let endDay = CivilDate.dayNumber(year: 2061, month: 1, day: 1)

    /// The instants covered, `[from, to)`, in milliseconds.
    private(set) var from: Int64 = 0
    private(set) var to: Int64 = 0
    /// Of each interval: begin, end, and the counted milliseconds before it; `before` has one more.
    private var begins: [Int64] = []
    private var ends: [Int64] = []
    private var sums: [Int64] = [0]
    /// By UTC day from `indexBase` on: the first interval that ends after the day's begin.
    private var index: [Int32] = []
    private var indexBase: Int64 = 0
    /// The close of each working day, and by local day the number of working days before it.
    private var closes: [Int64] = []
    private var workdaysBefore: [Int32] = [0]

    private static let dayMs: Int64 = 86_400_000

    /// Covers nothing.
    init() {}

    init(_ rules: CalendarRules) {
        for day in CalendarTable.firstDay..<CalendarTable.endDay {
            rules.open(day) { a, b in
                begins.append(a)
                ends.append(b)
                sums.append(total + b - a)
            }
            if let close = rules.spans(onDay: day).last {
                closes.append(rules.boundary(day, close.to))
            }
            workdaysBefore.append(Int32(closes.count))
        }
        from = rules.boundary(CalendarTable.firstDay, 0)
        to = rules.boundary(CalendarTable.endDay, 0)
        indexBase = Int64(CalendarTable.firstDay - 2) * CalendarTable.dayMs
        var i = 0
        var bucket = indexBase
        while bucket < to {
            while i < ends.count, ends[i] <= bucket { i += 1 }
            index.append(Int32(i))
            bucket += CalendarTable.dayMs
        }
    }

    /// Counted milliseconds of the whole table.
    var total: Int64 { sums[sums.count - 1] }

    /// The first interval that ends after the instant (one past the last where there is none), nil
    /// where the table does not cover it.
    @inline(__always)
    func interval(_ t: Int64) -> Int? {
        guard t >= from, t < to else { return nil }
        var i = Int(index[Int((t - indexBase) / CalendarTable.dayMs)])
        while i < ends.count, ends[i] <= t { i += 1 }
        return i
    }

    /// Counted milliseconds before an instant whose interval is `i`.
    @inline(__always)
    func before(_ i: Int, _ t: Int64) -> Int64 {
        i < begins.count ? sums[i] + max(0, t - begins[i]) : sums[i]
    }

    /// The earliest instant at which the total reaches `sum` (> 0), searched from interval `near` on,
    /// before which it is not reached; nil beyond the table.
    func instant(reaching sum: Int64, near: Int) -> Int64? {
        guard sum <= total, near < begins.count else { return nil }
        var low = near
        var step = 1
        while low + step < begins.count, sums[low + step] < sum {
            low += step
            step <<= 1
        }
        var high = min(low + step, begins.count)
        // sums[low] < sum <= sums[high]
        while low + 1 < high {
            let middle = (low + high) / 2
            if sums[middle] < sum { low = middle } else { high = middle }
        }
        return begins[low] + (sum - sums[low])
    }

    /// The close of the n-th working day (n ≥ 1) after that local day; nil beyond the table.
    func close(after day: Int, _ n: Int) -> Instant? {
        let next = day + 1 - CalendarTable.firstDay
        guard next >= 0, next < workdaysBefore.count else { return nil }
        let i = Int(workdaysBefore[next]) + n - 1
        return i < closes.count ? Instant(ms: closes[i]) : nil
    }
}
