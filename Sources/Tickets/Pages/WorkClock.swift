import Base
import ServiceLevels
import Web

/// How a line of a list stands to its nearest deadline, counted by the calendar that its leg runs on.
struct WorkClock: Sendable {
    enum Kind: Sendable { case running, over, paused, given, none }

    var kind: Kind
    var leg: Leg?
    var due: Instant?
    /// Counted time left; negative once late.
    var left = Span.zero
    var target: Span?
    /// Until the calendar's hours begin; zero where time counts now.
    var opensIn = Span.zero
    /// Of the solution leg once it stands still.
    var verdict: Verdict?

    init(_ row: TicketRow, _ book: LevelsBook, now: Instant) {
        let c = row.clocks
        if let due = c.due, let leg = c.dueLeg {
            self.leg = leg
            self.due = due
            target = leg == .response ? c.responseTarget : c.solutionTarget
            let calendar = WorkClock.calendar(row, leg, book)
            left = calendar?.counted(from: now, to: due) ?? due - now
            kind = due <= now ? .over : .running
            if let calendar, kind == .running {
                opensIn = calendar.due(from: now, counted: Span(ms: 1)) - now
                if opensIn.ms <= 1 { opensIn = .zero }
            }
        } else if row.state == .waitingOnCustomer, let left = c.solutionRemaining {
            kind = .paused
            leg = .solution
            self.left = left
            target = c.solutionTarget
        } else if c.solutionStopped != nil {
            kind = .given
            verdict = c.solutionVerdict
            target = c.solutionTarget
        } else {
            kind = .none
        }
    }

    private static func calendar(_ row: TicketRow, _ leg: Leg, _ book: LevelsBook) -> WorkCalendar? {
        guard let id = row.clocks.policyID, let version = row.clocks.policyVersion,
            let policy = book.policy(id, version: version),
            let target = policy.targets(row.priority ?? .p4, category: row.category?.rawValue)?[leg]
        else { return nil }
        return book.calendars[policy.calendar(leg, target)]
    }

    /// Share of the target that is used up, 0 to 1.
    var used: Double {
        guard let target, target.ms > 0 else { return 0 }
        return min(1, max(0, 1 - Double(left.ms) / Double(target.ms)))
    }

    var isClose: Bool {
        guard kind == .running, let target else { return false }
        return left.ms * 3 < target.ms
    }
}

/// The groups in which a queue is read, in their order.
enum WorkGroup: String, CaseIterable, Sendable {
    case overdue, today, week, later, paused, given

    init(_ clock: WorkClock, now: Instant, zone: Zone) {
        switch clock.kind {
        case .over: self = .overdue
        case .paused: self = .paused
        case .given, .none: self = .given
        case .running:
            let due = clock.due ?? now
            let today = zone.wall(now).dayNumber
            let weekday = CivilDate.weekday(dayNumber: today)
            if due < zone.instant(WallTime(dayNumber: today + 1, secondOfDay: 0)) {
                self = .today
            } else if due
                < zone.instant(
                    WallTime(dayNumber: today + (weekday == 0 ? 1 : 8 - weekday), secondOfDay: 0))
            {
                self = .week
            } else {
                self = .later
            }
        }
    }
}

extension WorkParts {
    /// Words and bar of the nearest deadline: time left, or late by; a third of the target turns amber.
    static func clock(_ call: Call, _ clock: WorkClock) -> HTML {
        switch clock.kind {
        case .none: return "<span class=\"muted\">–</span>"
        case .given: return given(call, clock)
        case .paused:
            return """
                <div class="sla"><div class="sla-t"><span>\(call.t("work.clock.paused", ["span": Times.span(clock.left)]))</span>\
                <span class="muted">\(call.t("levels.leg.solution"))</span></div>\
                <svg class="clock-mini" height="8" aria-hidden="true"><rect fill="url(#hatch)" width="100%" height="8" rx="2"/>\
                <rect class="k-counted" width="\(percent(clock.used))" height="8" rx="2"/></svg></div>
                """
        case .running, .over: return running(call, clock)
        }
    }

    private static func running(_ call: Call, _ clock: WorkClock) -> HTML {
        let isOver = clock.kind == .over
        let style = isOver ? " sla-over" : clock.isClose ? " sla-warn" : ""
        let text = call.t(
            isOver ? "script.clock.over" : "script.clock.left", ["span": Times.span(clock.left)])
        let leg = call.t("levels.leg.\(clock.leg?.rawValue ?? "solution")")
        let waits: HTML =
            clock.opensIn.ms > 0 ? " data-counts-in=\"\(clock.opensIn.seconds)\"" : ""
        return """
            <div class="sla\(style)"><div class="sla-t"><span data-remaining="\(clock.left.seconds)" \
            data-target="\(clock.target?.seconds ?? 0)"\(waits)>\(text)</span><span class="muted">\(leg) \
            \(clock.due.map { when(call, $0) })</span></div>\(isOver ? overBar(clock) : bar(clock))</div>
            """
    }

    private static func bar(_ clock: WorkClock) -> HTML {
        """
        <svg class="clock-mini" height="8" aria-hidden="true"><rect class="k-track" width="100%" height="8" rx="2"/>\
        <rect class="\(clock.isClose ? "k-warn" : "k-counted")" width="\(percent(clock.used))" height="8" rx="2"/></svg>
        """
    }

    /// The target whole, and behind a cut what went beyond it, at most a third of the room.
    private static func overBar(_ clock: WorkClock) -> HTML {
        let late = Double(-min(0, clock.left.ms))
        let target = Double(max(1, clock.target?.ms ?? 1))
        let cut = max(0.67, target / (target + late))
        return """
            <svg class="clock-mini" height="8" aria-hidden="true"><rect class="k-counted" width="\(percent(cut))" height="8"/>\
            <rect class="k-over" x="\(percent(cut))" y="-2" width="\(percent(1 - cut))" height="12"/>\
            <line class="k-cut" x1="\(percent(cut))" x2="\(percent(cut))" y1="-2" y2="10"/></svg>
            """
    }

    private static func given(_ call: Call, _ clock: WorkClock) -> HTML {
        let verdict: HTML =
            switch clock.verdict {
            case .met:
                "<span class=\"ok\">\(Icon.check)</span><span class=\"muted\">\(call.t("work.in_time"))</span>"
            case .missed: "<span class=\"bad\">\(call.t("work.late"))</span>"
            case .void, .pending, nil: ""
            }
        return """
            <div class="sla"><div class="sla-t"><span class="muted">\(call.t("work.clock.given"))</span>\
            <span class="row nowrap">\(verdict)</span></div></div>
            """
    }

    /// `52.7%`: what an SVG's attribute takes.
    static func percent(_ share: Double) -> String {
        let tenths = Int((min(1, max(0, share)) * 1000).rounded())
        return "\(tenths / 10).\(tenths % 10)%"
    }
}
