import Base

/// The clocks of one cycle of a ticket: **the one function** from facts to due instants and verdicts.
///
/// A value of the origin, the facts, and the terms; what it says at an instant depends on nothing else,
/// so any deadline can be explained, replayed under other terms, and computed again by a check. The
/// rules are those of `docs/process.md`, "Service levels" and "Edge cases".
///
/// Whoever stores what queues need (due instant, next warning, verdict, held and remaining time) takes it
/// from `state(at:)` in the transaction that adds a fact, and again when the next warning comes: between
/// those instants nothing of it changes, but for the time that a pause has taken so far. A check that
/// computes it again does so at the instant of the row.
///
/// A leg is due at the earliest instant at which calendar time since its origin, less all pauses,
/// reaches the target. What happens to a fact later is looked up first (was the solution refused, was
/// the rejection taken back?), then the facts are walked once, and nothing is ever undone.
public struct ServiceClock: Sendable {
    /// `received_at`, or the reopening.
    public var origin: Instant
    /// In order of time; facts of the same instant in the order they happened.
    public var events: [ClockEvent]
    let first: ClockTerms
    let others: [ClockTerms]

    /// - Parameter others: terms that a grade names as 1, 2, …, after a change of category.
    public init(
        origin: Instant, events: [ClockEvent] = [], terms: ClockTerms, others: [ClockTerms] = []
    ) {
        self.origin = origin
        self.events = events
        first = terms
        self.others = others
    }

    /// All legs as of `now`; facts after it are left aside.
    public func state(at now: Instant) -> ClockState {
        let walk = ClockWalk(self, at: now)
        return ClockState(
            response: walk.state(.response), solution: walk.state(.solution), completion: walk.completion())
    }

    /// One leg as of `now`.
    public func state(of leg: Leg, at now: Instant) -> LegState { ClockWalk(self, at: now).state(leg) }

    @inline(__always)
    func terms(_ grade: Grade) -> ClockTerms {
        grade.terms == 0 || Int(grade.terms) > others.count ? first : others[Int(grade.terms) - 1]
    }

    /// The facts to record when a calendar or policy was edited, given the same clock under the old and
    /// the new terms: none where the new terms may simply apply.
    ///
    /// An edit never moves a due instant from the future into the past, so then the old one stays; it
    /// never rewrites a verdict; and what was missed stays missed.
    public static func keeping(
        old: ClockState, new: ClockState, at now: Instant
    ) -> [ClockEvent] {
        Leg.allCases.compactMap { leg in
            let a = old[leg]
            let b = new[leg]
            if !a.isRunning {
                guard a.verdict != b.verdict || a.projectedDue != b.projectedDue else { return nil }
                return ClockEvent(now, .kept(leg, a.verdict, due: a.projectedDue))
            }
            switch a.verdict {
            case .missed where b.verdict != .missed:
                return ClockEvent(now, .kept(leg, .missed, due: a.missedAt ?? a.projectedDue))
            case .pending
            where b.verdict != .pending || (a.projectedDue > now && b.projectedDue <= now):
                return ClockEvent(now, .kept(leg, .pending, due: a.projectedDue))
            default: return nil
            }
        }
    }
}
