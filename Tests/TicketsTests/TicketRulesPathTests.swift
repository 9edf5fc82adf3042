import Base
import ServiceLevels
import Testing
import Tickets

@Suite struct TicketRulesPathTests {
    /// draft to archived, one person per role, with the primary step offered to whose turn it is.
    @Test(arguments: Category.allCases)
    func fromDraftToArchive(category: Category) throws {
        var life = Life(World.draft(category))
        func expect(_ state: TicketState, _ party: Turn.Party, _ task: String, _ actor: Actor, _ step: Step) {
            #expect(life.ticket.state == state)
            #expect(life.ticket.turn() == Turn(party, task))
            #expect(life.allowed(actor).first == step)
        }
        expect(.draft, .customer, "submit", World.customer, .submission)
        try life.take(.submission(Submission()), World.customer)
        expect(.submitted, .serviceManager, "approve", World.manager, .approval)
        let received = life.now
        try life.take(
            .approval(Approval(category: category, grading: World.grading(.p2))), World.manager)
        expect(.opened, .serviceManager, "dispatch", World.manager, .assignment)
        try life.take(.assignment(Assignment(engineer: AccountID("engineer"))), World.manager)
        expect(.dispatched, .engineer, "accept", World.engineer, .acceptance)
        try life.take(.acceptance, World.engineer)
        expect(.inProgress, .engineer, "reply", World.engineer, .responses)
        try life.take(.response(Message(body: "I have taken over")), World.engineer)
        if category == .quality {
            expect(.inProgress, .technicalLead, "state_cause", World.lead, .cause)
            try life.take(.cause(CauseStatement(statement: "Capacitors aged")), World.lead)
        }
        expect(.inProgress, .engineer, "solve", World.engineer, .solution)
        let plan = category == .project ? Life.plan : nil
        try life.take(.solution(SolutionStatement(statement: "Replace", plan: plan)), World.engineer)
        let given = life.now
        if category != .request {
            expect(.awaitingDecision, .management, "decide", World.boss, .decision)
            try life.take(.decision(DecisionStatement(outcome: .approved, statement: "Go")), World.boss)
        }
        #expect(life.ticket.baselines.count == (category == .project ? 1 : 0))
        expect(.implementing, .engineer, "report", World.engineer, .completion)
        try life.take(
            .completion(CompletionReport(report: "Done", nature: .technical, restoredAt: life.now)),
            World.engineer)
        expect(.awaitingEvaluation, .customer, "rate", World.customer, .evaluation)
        try life.take(.evaluation(Life.good), World.customer)
        expect(.awaitingEvaluation, .siteLead, "attest", World.siteLead, .attestation)
        try life.take(
            .attestation(AttestationStatement(responseMet: true, solutionMet: true)), World.siteLead)
        expect(.awaitingClosure, .serviceManager, "close", World.manager, .closure)
        try life.take(.closure(ClosureStatement(outcome: .approved)), World.manager)
        expect(.completed, .quality, "archive", World.quality, .archive)
        let closed = life.now
        try life.take(.archive(summary: "Lesson drawn", lesson: "Check yearly"), World.quality)
        #expect(life.ticket.state == .archived && life.ticket.turn().party == .nobody)
        #expect(
            life.ticket.workers
                == (category == .quality
                    ? [AccountID("engineer"), AccountID("lead")] : [AccountID("engineer")]))
        var clock: [ClockEffect] = [
            .start(at: received), .graded(.p2, provisional: false, at: received + .minutes(10)),
            .responded(at: received + .minutes(40)), .solutionGiven(at: given, interim: false),
        ]
        let reported = try #require(life.ticket.completion)
        clock += [
            .reported(at: reported.at, restoredAt: reported.restoredAt),
            .closed(at: closed, unreachable: false),
        ]
        #expect(life.clock == clock)
    }

    /// Whoever worked in the cycle may not decide, attest, close or rate, over all their posts.
    @Test(arguments: [false, true], [false, true])
    func ownWork(isSmallHouse: Bool, isAlone: Bool) throws {
        let many = World.staff("engineer", .engineer, .management, .siteLead, .serviceManager)
        var life = try Life.inWork(.project)
        life.adjust = {
            if isSmallHouse { $0.settings.fourEyes = .whenPossible }
            if isAlone { $0.noOtherPersonFor = Set(Step.allCases) }
        }
        try life.take(.solution(SolutionStatement(statement: "Plan", plan: Life.plan)), World.engineer)
        let mayHelpItself = isSmallHouse && isAlone
        let decision = TicketCommand.decision(DecisionStatement(outcome: .approved, statement: "Only me"))
        #expect(life.refusal(decision, many) == (mayHelpItself ? nil : "ticket.own_work"))
        #expect(life.allowed(many).contains(.decision) == mayHelpItself)
        try life.take(decision, mayHelpItself ? many : World.boss)
        #expect(life.ticket.selfApprovals.map(\.step) == (mayHelpItself ? [.decision] : []))
        try life.take(.completion(CompletionReport(report: "Done", nature: .technical)), World.engineer)
        let silent = TicketCommand.attestation(AttestationStatement(responseMet: true, solutionMet: true))
        let refusedSilent = mayHelpItself ? "ticket.self_approval_reason" : "ticket.own_work"
        #expect(life.refusal(silent, many) == refusedSilent)
        try life.take(.evaluation(Life.good), World.customer)
        try life.take(silent, World.siteLead)
        let close = TicketCommand.closure(ClosureStatement(outcome: .approved, comment: "No second person"))
        #expect(life.refusal(close, many) == (mayHelpItself ? nil : "ticket.own_work"))
    }

    /// A former assignee, the writer of the cause and the writer of the solution are workers.
    @Test func workersStayWorkersThroughTheCycle() throws {
        var life = try Life.inWork()
        try life.take(.assignment(Assignment(engineer: AccountID("engineer2"))), World.manager)
        #expect(life.ticket.state == .inProgress)
        try life.take(.cause(CauseStatement(statement: "aged")), World.lead)
        #expect(life.ticket.workers == [AccountID("engineer"), AccountID("engineer2"), AccountID("lead")])
        try life.take(.solution(SolutionStatement(statement: "Replace")), World.engineer2)
        let before = World.staff("engineer", .management)
        #expect(
            life.refusal(.decision(DecisionStatement(outcome: .approved, statement: "x")), before)
                == "ticket.own_work")
    }
}
