import Base

/// The facts of a clock up to an instant, walked leg by leg. Allocates nothing.
struct ClockWalk {
    let clock: ServiceClock
    let now: Instant
    /// Facts that count: those not after `now`.
    let count: Int

    init(_ clock: ServiceClock, at now: Instant) {
        self.clock = clock
        self.now = now.within
        var n = clock.events.count
        while n > 0, clock.events[n - 1].at > self.now { n -= 1 }
        count = n
    }

    // MARK: What became of a fact

    enum Fate: Equatable {
        /// It stops the leg for good.
        case stands
        /// Refused by the fact at that index: the leg runs on, the time between is not counted.
        case refused(Int)
        /// As if it had not happened.
        case nothing
    }

    /// Of the solution given at index `i`.
    func fate(ofSolution i: Int, interim: Bool) -> Fate {
        var fate: Fate = interim ? .nothing : .stands
        var j = i + 1
        loop: while j < count {
            switch clock.events[j].kind {
            case .solutionGiven: break loop
            case .solutionAccepted: fate = .stands
            case .solutionRefused: if fate == .stands { fate = .refused(j) }
            case .decisionReturned: fate = .nothing
            default: break
            }
            j += 1
        }
        return fate
    }

    /// Whether the rejection at index `i` was taken back by an objection.
    func isTakenBack(rejection i: Int) -> Bool {
        var j = i + 1
        while j < count {
            switch clock.events[j].kind {
            case .objected: return true
            case .rejected: return false
            default: j += 1
            }
        }
        return false
    }

    // MARK: Time that does not count

    enum Hold { case paused, stopped }

    /// The stretches up to `end` in which the solution leg does not count, in order, until the body says
    /// to stop. `isOpen`: it goes on beyond `end`. Waiting for the customer never holds the response.
    @inline(__always)
    func forEachHold(
        until end: Instant,
        _ body: (_ from: Instant, _ to: Instant, _ hold: Hold, _ isOpen: Bool) -> Bool
    ) {
        var since: Instant?
        var i = 0
        while i < count {
            let event = clock.events[i]
            if event.at >= end { break }
            i += 1
            switch event.kind {
            case .paused: if since == nil { since = event.at }
            case .resumed, .closed, .voided:
                if let from = since, !body(from, event.at, .paused, false) { return }
                since = nil
            case .solutionGiven(let interim):
                let fate = fate(ofSolution: i - 1, interim: interim)
                if interim && fate == .nothing { break }
                // Work went on, so nobody waits any more: the pause ends here and is not lost.
                if let from = since, !body(from, event.at, .paused, false) { return }
                since = nil
                if case .refused(let j) = fate {
                    let to = clock.events[j].at
                    if !body(event.at, min(to, end), .stopped, to > end) { return }
                    i = j + 1
                }
            default: break
            }
        }
        if let from = since, from < end { _ = body(from, end, .paused, true) }
    }

    // MARK: When a target runs out

    struct Reach {
        var due: Instant
        var target: Int64
        /// Milliseconds by which holds moved the due instant.
        var credit: Int64
        /// A hold is open at the end and the target not reached: `due` is as if it ended there.
        var isHeld: Bool
        var origin: Instant
        var grade: Grade
    }

    func reach(_ leg: Leg, _ demand: Demand, until end: Instant) -> Reach {
        let entry = clock.terms(demand.grade).entry(leg, demand.grade.priority)
        let target = entry.milliseconds(from: demand.origin)
        var credit: Int64 = 0
        var isHeld = false
        if leg == .solution {
            let calendar = entry.calendar
            var start: Int64?
            forEachHold(until: end) { from, to, _, isOpen in
                guard to > demand.origin else { return true }
                let begin = start ?? calendar.position(demand.origin)
                start = begin
                let a = calendar.position(max(from, demand.origin))
                // Reached before it: a hold does not move what has already run out.
                if a - begin - credit >= target { return false }
                credit += calendar.position(to) - a
                isHeld = isOpen
                return true
            }
        }
        return Reach(
            due: entry.calendar.due(from: demand.origin, counted: Span(ms: target + credit)),
            target: target, credit: credit, isHeld: isHeld, origin: demand.origin, grade: demand.grade)
    }

    /// The earliest of all demands in force, and not before a due instant that an edit left in place.
    func reach(_ leg: Leg, _ course: Course, until end: Instant) -> Reach {
        var best = reach(leg, course.demands[0], until: end)
        var i = 1
        while i < course.depth {
            let other = reach(leg, course.demands[i], until: end)
            // One that has run out wins over one that is held, whose due instant is only projected.
            if (other.isHeld ? 1 : 0, other.due) < (best.isHeld ? 1 : 0, best.due) { best = other }
            i += 1
        }
        if let floor = course.floor {
            let (due, isHeld) = self.floor(leg, floor, best.grade, until: end)
            if due > best.due {
                best.due = due
                best.isHeld = isHeld
            }
        }
        return best
    }

    /// A kept due instant, moved by the holds since it was kept.
    private func floor(
        _ leg: Leg, _ floor: Course.Floor, _ grade: Grade, until end: Instant
    ) -> (due: Instant, isHeld: Bool) {
        guard leg == .solution else { return (floor.due, false) }
        let calendar = clock.terms(grade).entry(leg, grade.priority).calendar
        var due = floor.due
        var isHeld = false
        forEachHold(until: end) { from, to, _, isOpen in
            let from = max(from, floor.since)
            guard to > from || (isOpen && to == from) else { return true }
            if from >= due { return false }
            due = calendar.due(from: due, counted: calendar.counted(from: from, to: to))
            isHeld = isOpen
            return true
        }
        return (due, isHeld)
    }
}

/// One target in force, from its origin.
struct Demand {
    var origin: Instant
    var grade: Grade
}

/// What the walk along a leg's facts carries with it.
struct Course {
    /// A due instant that an edit of the terms left in place, and when.
    struct Floor {
        var due: Instant
        var since: Instant
    }

    /// What the customer was promised, each stricter than the one before and from a later origin: an
    /// impact that changed for the worse adds one, and the earliest due instant of all wins.
    private(set) var demands: InlineArray<4, Demand>
    private(set) var depth = 1
    var missedAt: Instant?
    var floor: Floor?
    var isProvisional = true
    var isGradingFault = false

    init(origin: Instant, grade: Grade) {
        demands = InlineArray(repeating: Demand(origin: origin, grade: grade))
    }

    var grade: Grade { demands[depth - 1].grade }

    /// The grade was another all along: it takes the place of the last one, and no earlier promise stays
    /// stricter than it.
    mutating func correct(_ grade: Grade) {
        let isStricter = grade.priority.isStricter(than: self.grade.priority)
        demands[depth - 1].grade = grade
        var kept = 1
        var i = 0
        while i < depth {
            let own = demands[i].grade.priority
            demands[i].grade = Grade(max(own, grade.priority), terms: grade.terms)
            if i > 0 {
                if demands[i].grade.priority.isStricter(than: demands[kept - 1].grade.priority) {
                    demands[kept] = demands[i]
                    kept += 1
                }
            }
            i += 1
        }
        depth = kept
        if isStricter { floor = nil }
    }

    /// The impact changed at that instant.
    mutating func change(_ grade: Grade, at instant: Instant) {
        guard grade.priority.isStricter(than: self.grade.priority), depth < 4 else {
            return correct(grade)
        }
        demands[depth] = Demand(origin: instant, grade: grade)
        depth += 1
    }
}
