import Base
import ServiceLevels
import Testing
import Tickets

/// What stock changes of a ticket: a decision that sends something, and how that ends.
@Suite struct TicketRulesPartsTests {
    private static let shipment = DecidedShipment(
        document: "sh", number: "SH-26-0001", title: "SH-26-0001: FAN-92 × 2")

    private func decided(_ outcome: Decision.Outcome) throws -> (Life, TicketCommand) {
        var life = try Life.inWork()
        try life.take(.cause(CauseStatement(statement: "Capacitors aged")), World.lead)
        try life.take(.solution(SolutionStatement(statement: "Replace")), World.engineer)
        return (
            life,
            .decision(DecisionStatement(outcome: outcome, statement: "go", shipment: Self.shipment))
        )
    }

    @Test func aShipmentIsATaskUntilItArrives() throws {
        let (start, command) = try decided(.approved)
        var life = start
        let before = life.ticket.tasksOpen
        try life.take(command, World.boss)
        #expect(life.ticket.tasksOpen == before + 1)
        #expect(life.last.facts.map(\.name) == ["decision", "shipment"])
        #expect(life.last.facts.allSatisfy { $0.visibility == .internal })
        #expect(life.ticket.turn() == Turn(.engineer, "finish_tasks"))
        let report = TicketCommand.completion(CompletionReport(report: "Done", nature: .technical))
        #expect(life.refusal(report, World.engineer) == "ticket.tasks_open")
        let lost = life.ticket.partsCame(isLost: true, tasksDone: 0, .object([]))
        #expect(lost.ticket.tasksOpen == before + 1 && lost.facts.map(\.name) == ["parts_lost"])
        #expect(lost.notices.map(\.to) == [.engineer, .serviceManagers])
        let there = life.ticket.partsCame(isLost: false, tasksDone: 1, .object([]))
        #expect(there.ticket.tasksOpen == before && there.facts.map(\.name) == ["parts_arrived"])
        #expect(there.notices.map(\.to) == [.engineer])
        #expect(there.ticket.turn() == Turn(.engineer, "report"))
    }

    @Test func nothingIsSentWithAReturnedSolution() throws {
        let (life, command) = try decided(.returned)
        #expect(life.refusal(command, World.boss) == "ticket.shipment_returned")
        #expect(life.refusal(command, World.manager) == "ticket.role")
    }

    @Test func theArchiveWaitsForUnsettledStock() throws {
        var life = try Life.completed()
        life.adjust = { $0.hasUnsettledStock = true }
        #expect(
            life.refusal(.archive(summary: "Drives replaced", lesson: nil), World.quality)
                == "ticket.stock_unsettled")
        #expect(!life.allowed(World.quality).contains(.archive))
    }
}
