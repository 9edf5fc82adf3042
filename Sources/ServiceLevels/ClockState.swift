import Base

/// How one leg stands at an instant.
public struct LegState: Sendable, Equatable {
    public var verdict: Verdict
    /// From where the target in force counts: the time received, or an impact's change for the worse.
    public var origin: Instant
    /// The grade in force; `ClockTerms.loosest` until the ticket is graded.
    public var grade: Grade
    /// Counted time that the target gives.
    public var target: Span
    /// When the target runs out (or ran out). nil while paused, for then nobody can know.
    public var due: Instant?
    /// The same, but while paused as if the leg went on at once. For ordering.
    public var projectedDue: Instant
    /// When the leg met its end; nil while it runs and where it was voided.
    public var stoppedAt: Instant?
    /// Stopped or voided.
    public var endedAt: Instant?
    /// The first due instant that passed while it was in force. It stays, whatever the grade becomes.
    public var missedAt: Instant?
    /// Counted time from the origin, pauses left out.
    public var elapsed: Span
    /// In-hours time since the origin that did not count: pauses, and between a solution and its
    /// refusal. Until the target runs out it moves the due instant by as much.
    public var paused: Span
    /// Counted time left, negative once overdue; constant while paused.
    public var remaining: Span
    public var isPaused: Bool
    /// Not graded yet: the loosest grade's target counts for now.
    public var isProvisional: Bool
    /// Stopped, but may run on: a solution that can still be refused or returned.
    public var mayRunOn: Bool
    /// Missed by a grade corrected too late: charged to whoever graded, not to who worked.
    public var isGradingFault: Bool
    /// The next of 50, 75 and 100 % of the target, for a leg that runs and is not missed.
    /// At the due instant itself one more, without a percentage: then the verdict is known.
    public var nextWarning: Instant?
    public var nextWarningPercent: Int?

    /// The grade whose target runs out first: another than `grade` where an earlier promise still holds.
    var demandGrade: Grade

    public var isRunning: Bool { endedAt == nil }
}

/// The third leg, reported only: from the time received to closing, in elapsed time.
public struct CompletionState: Sendable, Equatable {
    public var startedAt: Instant
    public var stoppedAt: Instant?
    /// To the stop, else to now; nil where the cycle was voided.
    public var elapsed: Span?
    public var isVoid: Bool
}

/// All legs of one cycle at an instant.
public struct ClockState: Sendable, Equatable {
    public var response: LegState
    public var solution: LegState
    public var completion: CompletionState

    public subscript(leg: Leg) -> LegState { leg == .response ? response : solution }

    /// The next instant at which a queue has to look again.
    public var nextWarning: Instant? {
        switch (response.nextWarning, solution.nextWarning) {
        case (let a?, let b?): min(a, b)
        case (let a, let b): a ?? b
        }
    }
}

/// One stretch of a leg's time, for the table and the drawing that explain a due instant.
public struct ClockInterval: Sendable, Equatable {
    public enum Kind: String, Sendable {
        case counted, paused
        case outsideHours = "outside_hours"
        /// Between a solution's giving and its refusal.
        case stopped
        /// Still to come before the due instant.
        case toCount = "to_count"
    }

    public var from: Instant
    public var to: Instant
    public var kind: Kind
    /// What began it or why it does not count (`received`, `resumed`, `night`, …): the key is
    /// `levels.reason.<reason>`; empty where it only goes on.
    public var reason: String
    /// In-hours time within; of a pause, what it moved the due instant by.
    public var counted: Span
    /// Counted time since the leg's origin, at the end of the interval.
    public var total: Span
}
