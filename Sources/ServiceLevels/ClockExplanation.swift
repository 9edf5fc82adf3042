import Base

extension ServiceClock {
    /// A leg's time from the origin of the target in force to its end, else to now and on to the due
    /// instant, stretch by stretch without gaps. A pause is one stretch; what counts of it is the part
    /// in hours. While paused nothing follows, for nobody can know.
    public func explanation(of leg: Leg, at now: Instant) -> [ClockInterval] {
        let walk = ClockWalk(self, at: now)
        let state = walk.state(leg)
        let calendar = terms(state.demandGrade).entry(leg, state.demandGrade.priority).calendar
        let end = state.endedAt ?? max(walk.now, state.origin)
        var explanation = Explanation(
            calendar: calendar, at: state.origin,
            reason: state.origin == origin.within ? "received" : "impact_changed")
        if leg == .solution {
            walk.forEachHold(until: end) { from, to, hold, _ in
                let from = max(from, state.origin)
                guard to > from else { return true }
                explanation.run(to: from, .counted)
                explanation.hold(to: to, hold)
                return true
            }
        }
        explanation.run(to: end, .counted)
        if state.isRunning, let due = state.due, due > end {
            explanation.reason = ""
            explanation.run(to: due, .toCount)
        }
        return explanation.intervals
    }
}

/// Puts the stretches together.
private struct Explanation {
    let calendar: WorkCalendar
    /// How far it has come.
    var at: Instant
    /// What begins the next counted stretch.
    var reason: String
    var total = Span.zero
    var intervals: [ClockInterval] = []

    init(calendar: WorkCalendar, at: Instant, reason: String) {
        self.calendar = calendar
        self.at = at
        self.reason = reason
    }

    /// Time in which the leg runs, cut by the calendar.
    mutating func run(to end: Instant, _ kind: ClockInterval.Kind) {
        guard end > at else { return }
        var open: [(Instant, Instant)] = []
        calendar.forEachOpen(from: at, to: end) { from, to in
            // Days that touch are one stretch.
            if let last = open.last, last.1 == from {
                open[open.count - 1].1 = to
            } else {
                open.append((from, to))
            }
        }
        for (from, to) in open {
            close(to: from)
            total += to - from
            add(to, kind, reason, to - from)
            reason = ""
        }
        close(to: end)
    }

    /// Time outside hours.
    private mutating func close(to end: Instant) {
        guard end > at else { return }
        // The whole gap says why, not only the part that is drawn.
        add(end, .outsideHours, calendar.rules.reasonClosed(from: at, to: end).rawValue, .zero)
    }

    mutating func hold(to end: Instant, _ hold: ClockWalk.Hold) {
        guard end > at else { return }
        let counted = calendar.counted(from: at, to: end)
        switch hold {
        case .paused:
            add(end, .paused, "waiting_on_customer", counted)
            reason = "resumed"
        case .stopped:
            add(end, .stopped, "solution_given", counted)
            reason = "solution_refused"
        }
    }

    private mutating func add(
        _ end: Instant, _ kind: ClockInterval.Kind, _ reason: String, _ counted: Span
    ) {
        intervals.append(
            ClockInterval(from: at, to: end, kind: kind, reason: reason, counted: counted, total: total))
        at = end
    }
}
