import Base
import Tickets
import Web

extension DemoStory {
    /// From the solution to the archive.
    mutating func finish() {
        report(text.completionReport ?? text.solution ?? text.description)
        let isSilent = text.evaluation == nil
        let isReturned = random.chance(0.04)
        if isReturned, !isSilent {
            rate()
            attest()
            post(
                later(random.hours(1, 20), cast.manager), cast.manager, .implementing, .closure,
                ["outcome": "returned", "comment": .string(words.returnedClosure)])
            report((text.completionReport ?? "") + words.addedValues)
        }
        if random.chance(0.6) {
            attest()
            isSilent ? wait() : rate()
        } else {
            isSilent ? wait() : rate()
            attest()
        }
        post(
            later(random.hours(1, 40), cast.manager), cast.manager, .completed, .closure,
            ["outcome": "approved", "comment": random.chance(0.5) ? .string(words.closed) : nil])
        if case .reopened = turn { return }
        if isSilent, random.chance(0.5) {
            // Late, and taken as an addendum.
            post(
                later(random.days(2, 9), cast.requester), cast.requester, nil, .evaluation,
                ["response": 4, "attitude": 5, "skill": 4, "result": 4, "comment": .string(words.lateRating)])
        }
        file(isLate: random.chance(0.15))
    }

    /// A few lie for weeks, none for ever.
    mutating func file(isLate: Bool = false) {
        post(
            later(isLate ? random.days(15, 40) : random.days(2, 14), cast.archivist), cast.archivist,
            .archived, .archive,
            [
                "summary": .string(words.summary(text.title)),
                "lesson": random.chance(0.8) ? .string(text.lesson.text(text.lang)) : nil,
            ])
        if random.chance(0.08) {
            post(
                later(random.days(1, 6), cast.archivist), cast.archivist, nil, .addenda,
                ["body": .string(words.addendum)])
        }
    }

    /// Tasks done, the visit made, then the report.
    private mutating func report(_ report: String) {
        finishTasks()
        let visits = text.category == "project" || random.chance(isGraveQuality ? 0.6 : 0.2)
        var earliest = clock + (presses ? random.hours(1, 6) : random.hours(6, 90))
        if visits {
            let zone =
                Zone(content.project(text.project)?.sites.first { $0.id == text.site }?.timeZone ?? "")
                ?? .utc
            let start = DemoHours.office(clock + random.hours(14, 60), zone, &random)
            let end = start + random.hours(3, 8)
            post(
                clock + random.minutes(10, 50), cast.manager, nil, .visits,
                ["engineer_id": account(cast.engineer), "start_at": .of(start), "end_at": .of(end)])
            earliest = max(earliest, end + random.hours(1, 20))
        }
        let at = DemoHours.office(earliest, cast.zone(cast.engineer), &random)
        let restored = max(receivedAt, at - random.minutes(30, 180))
        if random.chance(0.35) {
            add(at - random.minutes(4, 20), cast.engineer, nil, .attach(.any(text, &random)))
        }
        post(
            at, cast.engineer, .awaitingEvaluation, .completion,
            [
                "report": .string(report), "nature": .string(text.nature),
                "restored_at": text.category == "quality" ? .of(restored) : nil,
            ])
    }

    private mutating func finishTasks() {
        for task in tasks {
            add(
                later(random.hours(2, 20), task.owner), task.owner, nil,
                .report(task: task.name, result: task.result))
        }
        tasks = []
    }

    /// The requester's own word.
    private mutating func rate() {
        guard let e = text.evaluation else { return }
        let next = second()
        post(
            later(random.hours(4, 120), cast.requester), cast.requester, next, .evaluation,
            [
                "response": .of(e.response), "attitude": .of(e.attitude), "skill": .of(e.skill),
                "result": .of(e.result), "comment": e.comment.map { .string($0) },
            ])
    }

    /// No word: after a fortnight the system notes it.
    private mutating func wait() {
        let reported = steps.last { $0.state == .awaitingEvaluation }?.at ?? clock
        let next = second()
        add(max(clock, reported + .hours(14 * 24)) + random.minutes(1, 10), "", next, .absence)
    }

    private mutating func attest() {
        let next = second()
        add(
            later(random.hours(2, 60), cast.siteLead), cast.siteLead, next,
            .attest(reason: cast.enterer == cast.requester ? nil : words.attestationReason))
    }

    /// The second of rating and attestation leads on.
    private mutating func second() -> TicketState? {
        halfDone.toggle()
        return halfDone ? nil : .awaitingClosure
    }

    // MARK: Out of the ordinary

    mutating func reject(thenObject: Bool) {
        let manager = text.conversation.first { $0.role == "service_manager" }?.by ?? cast.manager
        let said = text.conversation.filter { $0.visibility == "public" && $0.role != "engineer" }
        for line in said.dropLast() {
            post(
                clock + random.minutes(15, 60), line.by, nil, .responses, ["body": .string(line.text)])
        }
        let reason = text.tags.contains("rejected") ? said.last?.text : nil
        post(
            clock + random.minutes(20, 90), manager, .rejected, .rejection,
            ["reason": .string(reason ?? words.question)])
        if thenObject {
            post(
                later(random.hours(1, 6), cast.requester), cast.requester, .submitted, .objection,
                ["reason": .string(words.objection)])
        }
    }

    /// Withdrawn by the requester before dispatch.
    mutating func cancel() {
        for line in text.conversation where line.role == "customer" {
            post(clock + random.hours(2, 8), line.by, nil, .responses, ["body": .string(line.text)])
        }
        post(
            clock + random.minutes(5, 60), cast.requester, .cancelled, .cancellation,
            ["reason": .string(words.withdrawn)])
    }

    mutating func merge(_ into: Int) {
        let manager = text.conversation.first { $0.role == "service_manager" }?.by ?? cast.manager
        for line in text.conversation where line.by == manager {
            post(clock + random.minutes(5, 15), manager, nil, .responses, ["body": .string(line.text)])
        }
        add(clock + random.minutes(2, 10), manager, .merged, .merge(into: into))
    }

    /// Dispatched at once as provisional P1 by whoever is on duty; the approval follows.
    mutating func emergency() {
        let who = DemoCast.onDuty.first { $0 != cast.engineer } ?? "p-han-xue"
        post(
            clock + random.minutes(5, 20), who, .dispatched, .assignment,
            ["engineer_id": account(cast.engineer), "emergency": .string(words.emergency)])
    }

    /// Three tries over two channels within a few working days, then closed as unreachable.
    mutating func loseTouch() {
        finishTasks()
        if state != .waitingOnCustomer {
            post(
                clock + random.hours(1, 4), cast.engineer, .waitingOnCustomer, .pause,
                ["question": .string(words.question)])
        }
        for (n, channel) in ["phone", "mail", "phone"].enumerated() {
            let at = later(random.hours(18, 26), cast.engineer)
            post(
                at, cast.engineer, nil, .contactAttempts,
                ["channel": .string(channel), "at": .of(at), "note": .string(words.attempt(n))])
        }
        post(
            later(random.hours(20, 30), cast.manager), cast.manager, .completed, .closure,
            ["outcome": "unreachable", "comment": .string(words.outOfReach)])
        file(isLate: true)
    }

    /// It comes back within the month: a second cycle with fresh legs.
    mutating func reopen() {
        post(
            later(random.days(3, 20), cast.requester), cast.requester, .opened, .reopening,
            ["reason": .string(words.comesBack)])
        post(
            clock + random.minutes(10, 40), cast.manager, .dispatched, .assignment,
            ["engineer_id": account(cast.engineer)])
        post(
            clock + random.minutes(10, 40), cast.engineer, .inProgress, .responses,
            ["body": .string(words.greeting)])
        solve(clock + random.hours(4, 16))
        halfDone = false
        report((text.completionReport ?? text.title) + words.addedValues)
        attest()
        rate()
        post(
            later(random.hours(1, 30), cast.manager), cast.manager, .completed, .closure,
            ["outcome": "approved"])
        file()
    }
}
