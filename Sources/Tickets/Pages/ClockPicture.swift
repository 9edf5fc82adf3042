import Base
import ServiceLevels

/// The geometry of one clock's bar: real time from the origin to just past the last mark, in shares of
/// the width. Pure, so that what is drawn can be checked against what was counted.
struct ClockPicture: Sendable, Equatable {
    /// A stretch of the bar.
    struct Piece: Sendable, Equatable {
        enum Kind: Sendable { case counted, left, paused, over }
        var kind: Kind
        /// Per cent of the width.
        var x: Double
        var width: Double
    }

    /// A line across the bar with a word above it.
    struct Mark: Sendable, Equatable {
        enum Kind: Sendable { case now, due, stop }
        enum Anchor: String, Sendable { case start, middle, end }
        var kind: Kind
        var x: Double
        /// nil where there is no room for the word.
        var anchor: Anchor?
    }

    /// A mark of the calendar below the bar.
    struct Tick: Sendable, Equatable {
        var at: Instant
        var x: Double
        /// A day begins here; else only an hour.
        var isDay: Bool
    }

    var from: Instant
    var to: Instant
    var pieces: [Piece] = []
    var marks: [Mark] = []
    var ticks: [Tick] = []

    /// Where an instant lies, in per cent of the width.
    func x(_ t: Instant) -> Double {
        let length = max(1, (to - from).ms)
        return min(100, max(0, Double((t - from).ms) / Double(length) * 100))
    }

    /// - Parameters:
    ///   - intervals: the leg's explanation, to its end or to the due instant
    ///   - rest: what was left of the target where the leg ended before its due instant, or what there
    ///     is to count once a paused one goes on
    ///   - due: when the target runs out; nil while paused
    ///   - stop: when the leg ended
    ///   - zone: whose days are marked
    ///   - widths: how wide the words of the marks are, in per cent of a narrow bar
    init(
        intervals: [ClockInterval], rest: [ClockInterval] = [], origin: Instant, due: Instant?,
        stop: Instant?, now: Instant, zone: Zone, widths: [Mark.Kind: Double] = [:]
    ) {
        let last = [due, stop, stop == nil ? now : nil, rest.last?.to].compactMap { $0 }.max() ?? now
        let length = max((last - origin).ms, 60_000)
        from = origin
        to = Instant(ms: origin.ms + length + max(length / 40, 1))
        for interval in intervals + rest.filter({ $0.kind == .toCount }) {
            switch interval.kind {
            case .counted:
                guard let due, interval.to > due else {
                    add(.counted, interval.from, interval.to)
                    continue
                }
                add(.counted, interval.from, min(interval.to, due))
                add(.over, max(interval.from, due), interval.to)
            case .paused, .stopped: add(.paused, interval.from, interval.to)
            case .toCount: add(.left, interval.from, interval.to)
            case .outsideHours: break
            }
        }
        if stop == nil { marks.append(Mark(kind: .now, x: x(now), anchor: .middle)) }
        if let stop { marks.append(Mark(kind: .stop, x: x(stop), anchor: .middle)) }
        if let due { marks.append(Mark(kind: .due, x: x(due), anchor: .middle)) }
        marks.sort { $0.x < $1.x }
        place(widths)
        ticks = ClockPicture.ticks(from: from, to: to, zone: zone).map {
            Tick(at: $0.at, x: x($0.at), isDay: $0.isDay)
        }
    }

    /// Adds a stretch; one that touches the last of its kind, or nearly, makes that longer, so that a
    /// year of working days stays a few dozen rectangles.
    private mutating func add(_ kind: Piece.Kind, _ a: Instant, _ b: Instant) {
        guard b > a else { return }
        let start = x(a)
        let end = x(b)
        if let i = pieces.indices.last, pieces[i].kind == kind,
            start - (pieces[i].x + pieces[i].width) < 0.15
        {
            pieces[i].width = max(pieces[i].width, end - pieces[i].x)
        } else {
            pieces.append(Piece(kind: kind, x: start, width: max(end - start, 0.2)))
        }
    }

    /// Moves the words of the marks apart: first away from the edges, then from each other; where that
    /// does not help the word `now` goes, for its line says it too.
    private mutating func place(_ widths: [Mark.Kind: Double]) {
        func width(_ i: Int) -> Double { widths[marks[i].kind] ?? 12 }
        func reach(_ i: Int) -> (Double, Double) {
            switch marks[i].anchor {
            case .start: (marks[i].x, marks[i].x + width(i))
            case .end: (marks[i].x - width(i), marks[i].x)
            case .middle: (marks[i].x - width(i) / 2, marks[i].x + width(i) / 2)
            case nil: (marks[i].x, marks[i].x)
            }
        }
        for i in marks.indices {
            if reach(i).0 < 0 { marks[i].anchor = .start }
            if reach(i).1 > 100 { marks[i].anchor = .end }
        }
        guard marks.count > 1 else { return }
        for i in marks.indices.dropLast() where reach(i).1 > reach(i + 1).0 {
            if marks[i].x - width(i) >= 0 { marks[i].anchor = .end }
            if reach(i).1 > reach(i + 1).0, marks[i + 1].x + width(i + 1) <= 100 {
                marks[i + 1].anchor = .start
            }
            if reach(i).1 > reach(i + 1).0 {
                let less = marks[i].kind == .now ? i : marks[i + 1].kind == .now ? i + 1 : i
                marks[less].anchor = nil
            }
        }
    }

    /// Days, or hours of a short clock, at most six.
    static func ticks(from: Instant, to: Instant, zone: Zone) -> [(at: Instant, isDay: Bool)] {
        let hours = Double((to - from).ms) / 3_600_000
        let first = zone.wall(from).dayNumber
        let last = zone.wall(to).dayNumber
        guard last - first < 40_000 else { return [] }
        var out: [(at: Instant, isDay: Bool)] = []
        func keep(_ t: Instant, _ isDay: Bool) { if t > from, t < to { out.append((t, isDay)) } }
        if hours <= 40 {
            let step = [1, 2, 3, 6, 12].first { hours / Double($0) <= 6 } ?? 12
            for day in first...last {
                for hour in stride(from: 0, to: 24, by: step) {
                    let at = zone.instant(WallTime(dayNumber: day, secondOfDay: hour * 3600))
                    keep(at, hour == 0)
                }
            }
        } else {
            let days = last - first
            let step = max(1, (days + 5) / 6)
            for day in stride(from: first + 1, through: last, by: step) {
                keep(zone.instant(WallTime(dayNumber: day, secondOfDay: 0)), true)
            }
        }
        return out
    }
}
