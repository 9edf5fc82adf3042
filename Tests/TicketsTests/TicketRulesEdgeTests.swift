import Base
import ServiceLevels
import Testing
import Tickets

@Suite struct TicketRulesEdgeTests {
    @Test func receiptIsSetByStaffInThePastWithAReason() throws {
        let life = Life(World.draft())
        let past = World.start - .hours(3)
        func submit(_ at: Instant, _ reason: String?) -> TicketCommand {
            .submission(Submission(receivedAt: at, receivedReason: reason))
        }
        #expect(life.refusal(submit(past, "phone"), World.customer) == "ticket.received_at_staff_only")
        var mine = Life(World.draft())
        mine.ticket.createdBy = World.engineer.id
        #expect(mine.refusal(submit(past, nil), World.engineer) == "field.required")
        #expect(mine.refusal(submit(past + .days(9), "phone"), World.engineer) == "ticket.in_future")
        try mine.take(submit(past, "phoned at night"), World.engineer)
        #expect(mine.clock == [.start(at: past)] && mine.ticket.respondedAt == nil)
        #expect(mine.ticket.origin == .staff)
    }

    @Test func approvalNeedsUserAndFaultAndAGrade() throws {
        var life = Life(World.draft())
        try life.take(.submission(Submission()), World.customer)
        var empty = World.grading(.p1)
        empty.schemeGrade = nil
        #expect(
            life.refusal(.approval(Approval(category: .quality, grading: empty)), World.manager)
                == "ticket.grade_missing")
        empty.safety = true
        #expect(life.refusal(.approval(Approval(category: .quality, grading: empty)), World.manager) == nil)
        life.ticket.requester = nil
        #expect(
            life.refusal(.approval(Approval(category: .quality, grading: empty)), World.manager)
                == "ticket.incomplete")
    }

    @Test func objectionRevivesTheClock() throws {
        var life = Life(World.draft())
        try life.take(.submission(Submission()), World.customer)
        #expect(life.refusal(.rejection(Reason("  ")), World.manager) == "field.required")
        try life.take(.rejection(Reason("not ours")), World.manager)
        #expect(life.refusal(.objection(Reason("it is")), World.colleague) == "ticket.role")
        try life.take(.objection(Reason("it is")), World.customer)
        #expect(life.ticket.state == .submitted && life.clock.last == .revived(at: life.now))
    }

    @Test func emergencyIsProvisionalUntilApproved() throws {
        var life = Life(World.draft())
        try life.take(.submission(Submission()), World.customer)
        let plain = TicketCommand.assignment(Assignment(engineer: AccountID("engineer")))
        let urgent = TicketCommand.assignment(
            Assignment(engineer: AccountID("engineer"), emergency: "antenna stopped"))
        #expect(life.refusal(plain, World.manager) == "ticket.state")
        #expect(life.refusal(urgent, World.engineer2) == "ticket.role")
        life.adjust = { $0.isOnDuty = true }
        try life.take(urgent, World.engineer2)
        #expect(life.ticket.state == .dispatched && life.ticket.priority == .p1)
        #expect(life.ticket.provisional?.approvalDueAt == life.now + .hours(24))
        #expect(life.clock.last == .graded(.p1, provisional: true, at: life.now))
        #expect(
            life.last.notices.contains(
                Notice(.serviceManagers, "ticket.emergency", needsAcknowledgement: true)))
        try life.take(.acceptance, World.engineer)
        try life.take(.approval(Approval(category: .quality, grading: World.grading(.p3))), World.manager)
        #expect(life.ticket.state == .inProgress && life.ticket.priority == .p3)
        #expect(life.ticket.provisional == nil)
        #expect(life.refusal(sample(.approval, life.ticket, at: life.now), World.manager) == "ticket.state")
    }

    @Test func refusedEmergencyGoesBackToSubmitted() throws {
        var life = Life(World.draft())
        life.adjust = { $0.isOnDuty = true }
        try life.take(.submission(Submission()), World.customer)
        try life.take(sample(.assignment, life.ticket, at: life.now), World.manager)
        let due = life.ticket.provisional?.approvalDueAt
        try life.take(.refusal(Reason("no visa")), World.engineer)
        #expect(life.ticket.state == .submitted && life.ticket.engineer == nil)
        try life.take(sample(.assignment, life.ticket, at: life.now), World.manager)
        #expect(life.ticket.provisional?.approvalDueAt == due)
    }

    @Test func onlyAPersonsPublicWordIsAResponse() throws {
        var life = Life(World.draft())
        try life.take(.submission(Submission()), World.customer)
        try life.take(.note(Message(body: "look")), World.manager)
        try life.take(.attachment(name: "form.pdf"), World.manager)
        try life.take(.response(Message(body: "still broken")), World.customer)
        #expect(life.ticket.respondedAt == nil)
        #expect(life.refusal(.response(Message(body: "x")), .system("mail")) == "ticket.role")
        try life.take(.response(Message(body: "called you", channel: .phone)), World.manager)
        let first = life.now
        try life.take(.response(Message(body: "again")), World.manager)
        #expect(life.clock.dropFirst() == [.responded(at: first)])
    }

    @Test func replyOfTheAssigneeTakesUpTheWork() throws {
        var life = Life(World.draft())
        try life.take(.submission(Submission()), World.customer)
        try life.take(sample(.approval, life.ticket, at: life.now), World.manager)
        try life.take(sample(.assignment, life.ticket, at: life.now), World.manager)
        try life.take(.response(Message(body: "we are on it")), World.manager)
        #expect(life.ticket.state == .dispatched)
        try life.take(.response(Message(body: "I am on it")), World.engineer)
        #expect(life.ticket.state == .inProgress)
    }

    @Test func pausesEndWithTheCustomersWord() throws {
        var life = try Life.inWork()
        try life.take(.pause(question: "Which firmware?"), World.engineer)
        try life.take(.response(Message(body: "waiting")), World.engineer)
        #expect(life.ticket.state == .waitingOnCustomer)
        try life.take(.attachment(name: "log.csv"), World.colleague)
        #expect(life.ticket.state == .inProgress && life.clock.last == .resumed(at: life.now))
        #expect(
            life.refusal(.pause(question: " Which firmware? "), World.engineer) == "ticket.question_repeated")
        try life.take(.pause(question: "Which batch?"), World.engineer)
        #expect(
            life.refusal(
                .resumption(Resumption(channel: .phone, answeredAt: life.now - .hours(1))), World.engineer)
                == "ticket.before_question")
        try life.take(.resumption(Resumption(channel: .phone, answeredAt: life.now)), World.engineer)
        #expect(life.clock.last == .resumed(at: life.now))
        #expect(!life.last.notices.contains(Notice(.serviceManagers, "ticket.paused_often")))
        try life.take(.pause(question: "And the third?"), World.engineer)
        #expect(life.last.notices.contains(Notice(.serviceManagers, "ticket.paused_often")))
    }

    @Test func causeBeforeTheFinalSolutionOfAGraveProblem() throws {
        var grave = try Life.inWork(.quality, .p2)
        #expect(
            grave.refusal(.solution(SolutionStatement(statement: "x")), World.engineer)
                == "ticket.cause_missing")
        #expect(
            grave.refusal(.solution(SolutionStatement(statement: "x", isInterim: true)), World.engineer)
                == nil)
        let known = TicketCommand.cause(
            CauseStatement(statement: nil, knownProblem: KnownProblemID("H-112")))
        #expect(grave.refusal(known, World.lead) == "field.required")
        #expect(grave.refusal(known, World.engineer) == "ticket.role")
        try grave.take(.cause(CauseStatement(statement: "aged")), World.lead)
        let light = try Life.inWork(.quality, .p3)
        #expect(light.refusal(known, World.lead) == nil)
        #expect(light.refusal(.solution(SolutionStatement(statement: "x")), World.engineer) == nil)
    }

    /// category, priority, minor units of CNY → state after the solution.
    @Test(arguments: [
        (Category.quality, Priority.p2, Int64(0), TicketState.awaitingDecision),
        (.quality, .p3, 0, .implementing), (.quality, .p3, 2_000_001, .awaitingDecision),
        (.quality, .p3, 2_000_000, .implementing), (.request, .p1, 0, .implementing),
        (.project, .p4, 0, .awaitingDecision),
    ])
    func decisionIsDue(category: Category, priority: Priority, minor: Int64, state: TicketState) throws {
        var life = try Life.inWork(category, priority)
        if category == .quality { try life.take(.cause(CauseStatement(statement: "aged")), World.lead) }
        try life.take(
            .solution(
                SolutionStatement(
                    statement: "Replace", cost: Cost(minor: minor, currency: "CNY"), plan: Life.plan)),
            World.engineer)
        #expect(life.ticket.state == state)
    }

    @Test func refusedSolutionAndReturnedDecision() throws {
        var life = try Life.inWork(.project)
        #expect(
            life.refusal(.solution(SolutionStatement(statement: "x")), World.engineer)
                == "ticket.plan_missing")
        try life.take(.solution(SolutionStatement(statement: "x", plan: Life.plan)), World.engineer)
        let first = life.now
        try life.take(.decision(DecisionStatement(outcome: .returned, statement: "dear")), World.boss)
        #expect(life.clock.last == .decisionReturned(at: life.now, givenAt: first))
        try life.take(.solution(SolutionStatement(statement: "y", plan: Life.plan)), World.engineer)
        let second = life.now
        try life.take(.decision(DecisionStatement(outcome: .approved, statement: "go")), World.boss)
        try life.take(.solutionRefusal(Reason("too late for us")), World.colleague)
        #expect(life.ticket.state == .inProgress)
        #expect(life.clock.last == .solutionRefused(at: life.now, givenAt: second, interim: false))
        #expect(life.ticket.baselines.count == 1)
    }

    @Test func changedPlanNeedsADecisionAgain() throws {
        var life = try Life.inWork(.project)
        try life.take(.solution(SolutionStatement(statement: "x", plan: Life.plan)), World.engineer)
        try life.take(.decision(DecisionStatement(outcome: .approved, statement: "go")), World.boss)
        let clock = life.clock
        try life.take(.solution(SolutionStatement(statement: "later", plan: Life.plan)), World.engineer)
        #expect(life.ticket.state == .awaitingDecision && life.clock == clock)
        try life.take(.decision(DecisionStatement(outcome: .approved, statement: "go")), World.boss)
        #expect(life.ticket.baselines.count == 2)
    }

    @Test func acceptedInterimStopsAsOfItsGiving() throws {
        var life = try Life.inWork()
        try life.take(
            .solution(SolutionStatement(statement: "limit the rate", isInterim: true)), World.engineer)
        let given = life.now
        #expect(life.ticket.state == .inProgress && life.ticket.solutionStoppedAt == nil)
        try life.take(.solutionAcceptance(reason: nil), World.customer)
        #expect(life.ticket.solutionStoppedAt == given && life.ticket.interimAccepted)
        #expect(life.clock.last == .solutionAccepted(at: life.now, givenAt: given, interim: true))
        #expect(life.refusal(.solutionRefusal(Reason("no")), World.customer) == "ticket.no_solution_pending")
    }

    @Test func completionGates() throws {
        var life = try Life.inWork(.request)
        try life.take(.solution(SolutionStatement(statement: "by Friday")), World.engineer)
        try life.take(.task(CoordinationTask(kind: .material, title: "ship")), World.engineer)
        let report = TicketCommand.completion(CompletionReport(report: "Done"))
        #expect(life.refusal(report, World.engineer) == "ticket.tasks_open")
        #expect(!life.allowed(World.engineer).contains(.completion))
        #expect(life.ticket.turn().task == "finish_tasks")
        let t = life.ticket
        life.ticket = try t.taskChanged(
            wasDone: false, isDone: true, result: "sent", by: World.engineer,
            context: World.context(t, World.engineer), at: life.now
        ).ticket
        #expect(life.refusal(report, World.engineer) == "ticket.nature_missing")
    }

    @Test func absentAndLateEvaluation() throws {
        var life = try Life.reported()
        let settings = TicketSettings()
        let reported = try #require(life.ticket.completion?.at)
        #expect(throws: Failure.conflict("ticket.evaluation_not_overdue")) {
            try life.ticket.evaluationFoundAbsent(settings: settings, at: reported + .hours(335))
        }
        try life.take(
            .attestation(AttestationStatement(responseMet: true, solutionMet: true)), World.siteLead)
        let out = try life.ticket.evaluationFoundAbsent(settings: settings, at: reported + .hours(336))
        #expect(out.ticket.state == .awaitingClosure)
        life.ticket = out.ticket
        life.now = reported + .hours(336)
        #expect(
            life.refusal(.evaluation(Life.good), World.customer, after: .hours(721))
                == "ticket.evaluation_window")
        #expect(life.refusal(.evaluation(Life.good), World.manager) == "ticket.role")
        try life.take(.evaluation(Life.good), World.customer, after: .hours(720))
        #expect(life.ticket.evaluation == nil && life.ticket.lateEvaluation != nil)
        #expect(life.ticket.state == .awaitingClosure)
        #expect(life.refusal(.evaluation(Life.good), World.customer) == "ticket.evaluated")
    }

    @Test func oneTimeLinkRatesWithoutARole() throws {
        let life = try Life.reported()
        let link = Actor(id: nil, name: "link:rating")
        let out = try life.ticket.evaluated(
            Life.good, by: link, context: RuleContext(relation: .requester), at: life.now)
        #expect(out.ticket.evaluation?.by == nil && out.ticket.evaluation?.result == 5)
    }

    @Test func attestationAgainstTheClockNeedsAReason() throws {
        let life = try Life.reported()
        let differing = AttestationStatement(responseMet: true, solutionMet: false)
        #expect(life.refusal(.attestation(differing), World.siteLead) == "ticket.attestation_reason")
        #expect(life.refusal(.attestation(differing), World.manager) == "ticket.site_lead_attests")
        var noLead = life
        noLead.adjust = { $0.siteLeads = [] }
        try noLead.take(
            .attestation(AttestationStatement(responseMet: true, solutionMet: false, reason: "not usable")),
            World.manager)
        #expect(noLead.ticket.attestation?.computedSolutionMet == true)
    }

    @Test func returnedClosureKeepsTheRating() throws {
        var life = try Life.reported()
        try life.take(.evaluation(Rating(response: 1, attitude: 1, skill: 1, result: 1)), World.customer)
        try life.take(
            .attestation(AttestationStatement(responseMet: true, solutionMet: true)), World.siteLead)
        #expect(
            life.refusal(.closure(ClosureStatement(outcome: .returned)), World.manager) == "field.required")
        try life.take(.closure(ClosureStatement(outcome: .returned, comment: "leaks still")), World.manager)
        #expect(life.ticket.state == .implementing && life.ticket.earlierEvaluations.map(\.result) == [1])
    }

    @Test func unreachableAndBack() throws {
        var life = try Life.inWork()
        try life.take(.pause(question: "Which firmware?"), World.engineer)
        let close = TicketCommand.closure(ClosureStatement(outcome: .unreachable))
        func attempt(_ channel: Channel, after: Span) throws {
            let at = life.now + after
            try life.take(
                .contactAttempt(ContactAttempt(channel: channel, at: at, note: "none")), World.engineer,
                after: after)
        }
        try attempt(.phone, after: .hours(1))
        try attempt(.phone, after: .hours(24))
        try attempt(.phone, after: .hours(24))
        #expect(life.refusal(close, World.manager) == "ticket.state")
        try attempt(.mail, after: .hours(1))
        #expect(life.allowed(World.manager).contains(.closure))
        var spread = life
        spread.adjust = { $0.workingDays = { $0 == $1 ? 1 : 6 } }
        #expect(spread.refusal(close, World.manager) == "ticket.state")
        try life.take(close, World.manager)
        #expect(
            life.ticket.state == .completed && life.clock.last == .closed(at: life.now, unreachable: true))
        try life.take(.response(Message(body: "Back from leave")), World.customer, after: .hours(9999))
        #expect(life.ticket.state == .opened && life.ticket.cycle == 2 && life.last.frozen != nil)
    }

    @Test func archiveGates() throws {
        var life = try Life.completed()
        let archive = TicketCommand.archive(summary: "s", lesson: nil)
        life.adjust = { $0.hasUnsettledStock = true }
        #expect(life.refusal(archive, World.quality) == "ticket.stock_unsettled")
        life.adjust = { $0.hasOpenQualityClosure = true }
        #expect(life.refusal(archive, World.quality) == "ticket.quality_closure_open")
        #expect(!life.allowed(World.quality).contains(.archive))
        life.adjust = { _ in }
        life.ticket.nature = nil
        #expect(life.ticket.missingForArchive(TicketSettings()) == ["nature"])
        #expect(life.refusal(archive, World.quality) == "ticket.fields_missing")
    }

    @Test func reopeningWindows() throws {
        var life = try Life.archived()
        let closed = try #require(life.ticket.closure?.at)
        let late = closed + .hours(720) + Span(ms: 1) - life.now
        #expect(
            life.refusal(.reopening(Reason("again")), World.customer, after: late)
                == "ticket.reopening_window")
        #expect(life.refusal(.reopening(Reason("again")), World.quality, after: late) == nil)
        #expect(life.refusal(.reopening(Reason("again")), World.manager) == "ticket.role")
        let frozen = life.ticket
        try life.take(.reopening(Reason("again")), World.customer, after: closed + .hours(720) - life.now)
        #expect(life.ticket.state == .opened && life.ticket.cycle == 2 && life.ticket.workers.isEmpty)
        #expect(life.last.frozen?.ticket == frozen)
        #expect(life.clock.last == .reopened(cycle: 2, priority: .p2, at: life.now))
    }

    @Test func mergingWithinOneCustomerIntoTheEarlier() throws {
        let life = try Life.inWork()
        let received = try #require(life.ticket.receivedAt)
        func into(_ org: OrganizationID, _ at: Instant, _ state: TicketState = .opened) -> String? {
            life.refusal(
                .merge(MergeTarget(id: TicketID("t0"), organization: org, state: state, receivedAt: at)),
                World.manager)
        }
        #expect(into(OrganizationID("other"), received) == "ticket.merge_across_customers")
        #expect(into(World.customerOrg, received + .hours(1)) == "ticket.merge_into_later")
        #expect(into(World.customerOrg, received, .archived) == "ticket.merge_target_closed")
        #expect(life.refusal(.merge(MergeTarget(life.ticket)), World.manager) == "ticket.merge_into_itself")
        #expect(into(World.customerOrg, received) == nil)
    }

    @Test func splitInheritsReceiptAndParentClosesLast() throws {
        var life = try Life.inWork()
        try life.take(sample(.split, life.ticket, at: life.now), World.manager)
        let child = try #require(life.last.children.first)
        #expect(child.ticket.receivedAt == life.ticket.receivedAt && child.ticket.parent == life.ticket.id)
        #expect(child.ticket.state == .submitted && child.clock.count == 2)
        var end = try Life.reported()
        try end.take(.evaluation(Life.good), World.customer)
        try end.take(.attestation(AttestationStatement(responseMet: true, solutionMet: true)), World.siteLead)
        end.adjust = { $0.openChildren = 1 }
        #expect(
            end.refusal(.closure(ClosureStatement(outcome: .approved)), World.manager)
                == "ticket.children_open")
    }

    @Test func reprioritising() throws {
        var life = try Life.inWork(.quality, .p3)
        func to(_ p: Priority, _ kind: ClockEffect.Reprioritisation) -> TicketCommand {
            .priority(Regrading(grading: World.grading(p), kind: kind, reason: "grown"))
        }
        #expect(life.refusal(to(.p1, .misjudged), World.customer) == "ticket.role")
        try life.take(to(.p1, .impactChanged), World.manager)
        #expect(life.clock.last == .reprioritised(.impactChanged, from: .p3, to: .p1, at: life.now))
        try life.take(to(.p4, .impactChanged), World.manager)
        #expect(life.clock.last == .reprioritised(.misjudged, from: .p1, to: .p4, at: life.now))
        #expect(life.last.notices.contains(Notice(.requester, "ticket.downgraded")))
        try life.take(
            .classification(Reclassification(category: .request, nature: .service, reason: "a wish")),
            World.manager)
        #expect(life.clock.last == .reprioritised(.misjudged, from: .p4, to: .p4, at: life.now))
        #expect(life.ticket.number == "FT-1")
    }

    @Test func cancellationByRequesterThenByManager() throws {
        var life = Life(World.draft())
        try life.take(.submission(Submission()), World.customer)
        #expect(life.refusal(.cancellation(Reason("x")), World.colleague) == "ticket.role")
        #expect(life.refusal(.cancellation(Reason("x")), World.manager) == "ticket.state")
        #expect(life.refusal(.cancellation(Reason("x")), World.customer) == nil)
        let work = try Life.inWork()
        #expect(work.refusal(.cancellation(Reason("x")), World.customer) == "ticket.state")
        var cancelled = work
        try cancelled.take(.cancellation(Reason("withdrawn")), World.manager)
        #expect(cancelled.last.releasesReservations && cancelled.clock.last == .voided(at: cancelled.now))
    }
}
