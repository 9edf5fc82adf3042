import Base

extension ClockWalk {
    /// How a leg's walk ended.
    private enum End {
        case running
        case stopped(Int)
        case voided(Int)
    }

    /// Walks one leg to its end, or to now.
    func state(_ leg: Leg) -> LegState {
        var course = Course(
            origin: clock.origin.within, grade: Grade(clock.first.loosest))
        var end = End.running
        var i = 0
        walk: while i < count {
            let event = clock.events[i]
            switch event.kind {
            case .graded(let grade):
                missIfDue(leg, &course, before: event.at)
                course.correct(grade)
                course.isProvisional = false
            case .reprioritised(let why, let grade):
                missIfDue(leg, &course, before: event.at)
                let isPending = course.missedAt == nil
                if why == .misjudged {
                    course.correct(grade)
                } else {
                    course.change(grade, at: event.at)
                }
                missIfDue(leg, &course, before: event.at)
                if why == .misjudged, isPending, course.missedAt != nil { course.isGradingFault = true }
            case .responded, .paused:
                if leg == .response {
                    end = .stopped(i)
                    break walk
                }
            case .solutionGiven(let interim):
                // A solution, interim or not, is an answer too.
                if leg == .response || fate(ofSolution: i, interim: interim) == .stands {
                    end = .stopped(i)
                    break walk
                }
            case .rejected:
                if !isTakenBack(rejection: i) {
                    end = leg == .response ? .stopped(i) : .voided(i)
                    break walk
                }
            case .voided:
                end = .voided(i)
                break walk
            case .closed:
                // S is stopped by a solution alone, "given, not closed". A ticket that ends without one
                // (the customer was out of reach) kept no promise: what ran out before stays missed,
                // what had still time left is void, as with a cancellation.
                end = leg == .solution ? .voided(i) : .stopped(i)
                break walk
            case .kept(leg, let verdict, let due):
                switch verdict {
                case .pending:
                    course.missedAt = nil
                    course.floor = Course.Floor(due: due, since: event.at)
                case .missed: if course.missedAt == nil { course.missedAt = due }
                case .met, .void: break
                }
            case .resumed, .solutionRefused, .solutionAccepted, .decisionReturned, .objected,
                .completionReported, .kept:
                break
            }
            i += 1
        }
        return conclude(leg, course, end)
    }

    /// Missed for good if the target in force ran out before that instant.
    private func missIfDue(_ leg: Leg, _ course: inout Course, before instant: Instant) {
        guard course.missedAt == nil else { return }
        let due = reach(leg, course, until: instant).due
        if due < instant { course.missedAt = due }
    }

    private func conclude(_ leg: Leg, _ course: Course, _ end: End) -> LegState {
        var until = now
        var endIndex: Int?
        var isStop = false
        switch end {
        case .running: break
        case .stopped(let i):
            endIndex = i
            isStop = true
        case .voided(let i): endIndex = i
        }
        if let endIndex { until = max(clock.events[endIndex].at, clock.origin) }
        let reach = reach(leg, course, until: until)
        let entry = clock.terms(reach.grade).entry(leg, reach.grade.priority)
        var missedAt = course.missedAt
        if missedAt == nil, reach.due < until { missedAt = reach.due }
        // A hold moves only what has not run out, so what follows a due instant still counts.
        let credit = missedAt == nil ? reach.credit : heldTime(leg, reach, entry, until)
        let elapsed = max(0, entry.calendar.counted(from: reach.origin, to: until).ms - credit)
        let isPaused = endIndex == nil && leg == .solution && isHeld()
        var state = LegState(
            verdict: missedAt != nil ? .missed : endIndex == nil ? .pending : isStop ? .met : .void,
            origin: reach.origin, grade: course.grade, target: Span(ms: reach.target),
            due: isPaused && reach.due > until ? nil : reach.due, projectedDue: reach.due,
            stoppedAt: isStop ? until : nil, endedAt: endIndex == nil ? nil : until,
            missedAt: missedAt, elapsed: Span(ms: elapsed), paused: Span(ms: credit),
            remaining: Span(ms: reach.target - elapsed),
            isPaused: isPaused,
            isProvisional: course.isProvisional, mayRunOn: false,
            isGradingFault: course.isGradingFault && missedAt != nil,
            nextWarning: nil, nextWarningPercent: nil, demandGrade: reach.grade)
        if course.floor != nil { state.remaining = entry.calendar.counted(from: until, to: reach.due) }
        if let endIndex {
            state.mayRunOn = isStop && leg == .solution && !isReported(from: endIndex)
            keepVerdict(leg, after: endIndex, &state)
        } else if state.verdict == .pending, !state.isPaused {
            warn(entry.calendar, reach, &state)
        }
        return state
    }

    /// The holds since the origin in full, for what is shown of a leg that is overdue.
    private func heldTime(
        _ leg: Leg, _ reach: Reach, _ entry: ClockTerms.Entry, _ end: Instant
    ) -> Int64 {
        guard leg == .solution else { return 0 }
        var sum: Int64 = 0
        forEachHold(until: end) { from, to, _, _ in
            let from = max(from, reach.origin)
            if to > from { sum += entry.calendar.counted(from: from, to: to).ms }
            return true
        }
        return sum
    }

    /// Whether the customer is waited for, as of the last fact.
    private func isHeld() -> Bool {
        var i = count - 1
        while i >= 0 {
            switch clock.events[i].kind {
            case .paused: return true
            case .resumed, .closed, .voided: return false
            case .solutionGiven(let interim):
                if !interim || fate(ofSolution: i, interim: true) != .nothing { return false }
            default: break
            }
            i -= 1
        }
        return false
    }

    /// Whether the solution can no longer be refused or returned, given the fact that stopped the leg.
    private func isReported(from i: Int) -> Bool {
        var j = i
        while j < count {
            switch clock.events[j].kind {
            case .completionReported, .closed, .voided: return true
            default: j += 1
            }
        }
        return false
    }

    /// A leg that ended keeps the verdict it had when its calendar or policy was edited.
    private func keepVerdict(_ leg: Leg, after i: Int, _ state: inout LegState) {
        var j = i + 1
        while j < count {
            if case .kept(leg, let verdict, let due) = clock.events[j].kind, verdict != .pending {
                state.verdict = verdict
                state.due = due
                state.projectedDue = due
                state.missedAt = verdict == .missed ? due : nil
            }
            j += 1
        }
    }

    /// The next of 50, 75 and 100 %.
    private func warn(_ calendar: WorkCalendar, _ reach: Reach, _ state: inout LegState) {
        var percent: Int64 = 50
        while percent < 100 {
            let share = (reach.target * percent + 99) / 100
            if state.elapsed.ms < share {
                let at = calendar.due(from: reach.origin, counted: Span(ms: share + reach.credit))
                // Not beyond a due instant, and not where it only touches now.
                if at > now, at < reach.due {
                    state.nextWarning = at
                    state.nextWarningPercent = Int(percent)
                    return
                }
            }
            percent += 25
        }
        if reach.due > now {
            state.nextWarning = reach.due
            state.nextWarningPercent = 100
        } else {
            // An answer at the due instant itself is in time: only the next moment shows the miss.
            state.nextWarning = now + Span(ms: 1)
        }
    }

    /// The third leg.
    func completion() -> CompletionState {
        var i = 0
        var stop: Instant?
        var isVoid = false
        walk: while i < count {
            switch clock.events[i].kind {
            case .rejected:
                if !isTakenBack(rejection: i) {
                    isVoid = true
                    break walk
                }
            case .voided:
                isVoid = true
                break walk
            case .closed:
                stop = clock.events[i].at
                break walk
            default: break
            }
            i += 1
        }
        let elapsed = max(.zero, (stop ?? now) - clock.origin)
        return CompletionState(
            startedAt: clock.origin, stoppedAt: stop, elapsed: isVoid ? nil : elapsed, isVoid: isVoid)
    }
}
