import Base
import ServiceLevels
import Testing
import Tickets

/// The table of steps as the house's paper states it, written down apart from the code.
private let paper: [(step: Step, states: String, roles: [Role])] = [
    (.submission, "draft", [.customer, .engineer, .siteLead, .serviceManager]),
    (.objection, "rejected", []),
    (.rejection, "submitted", [.serviceManager]),
    (.acceptance, "dispatched", [.engineer]),
    (.refusal, "dispatched", [.engineer]),
    (.pause, "in_progress", [.engineer]),
    (.resumption, "waiting_on_customer", [.engineer, .serviceManager, .technicalLead, .siteLead]),
    (.cause, "in_progress waiting_on_customer awaiting_decision implementing", [.technicalLead]),
    (.decision, "awaiting_decision implementing", [.management]),
    (.completion, "implementing", [.engineer]),
    (.attestation, "awaiting_evaluation", [.siteLead, .serviceManager]),
    (.archive, "completed", [.quality]),
    (.reopening, "completed archived", [.customer, .quality]),
    (.addenda, "archived", [.quality, .serviceManager, .engineer, .technicalLead, .siteLead]),
    (.solution, "in_progress implementing", [.engineer, .technicalLead]),
    (
        .closure, "in_progress waiting_on_customer implementing awaiting_evaluation awaiting_closure",
        [.serviceManager]
    ),
    (
        .priority, "opened dispatched in_progress waiting_on_customer awaiting_decision implementing",
        [.serviceManager]
    ),
]

@Suite struct TicketRulesTableTests {
    /// A person with every role and every tie, who did no work: only state and gates can refuse.
    private var anybody: Actor {
        Actor(
            id: AccountID("anybody"), name: "anybody", roles: Roles(Role.allCases),
            organization: World.customerOrg, isStaff: true)
    }
    private var everyTie: RuleContext {
        RuleContext(
            relation: [
                .requester, .sameOrganization, .assigned, .ofUnit, .entered, .holdsTask, .inProject, .atSite,
            ], isOnDuty: true)
    }

    private func ticket(_ state: TicketState) -> Ticket {
        var t = World.draft()
        t.state = state
        t.receivedAt = World.start
        t.priority = .p2
        t.engineer = AccountID("engineer")
        return t
    }

    @Test func rowsAreThePapers() {
        for row in paper {
            let states = row.states.split(separator: " ").compactMap { TicketState(rawValue: String($0)) }
            #expect(Set(row.step.rule.states.list) == Set(states), "\(row.step)")
            #expect(Set(row.step.rule.grants.compactMap(\.role)) == Set(row.roles), "\(row.step)")
        }
        #expect(Step.allCases.filter { $0.rule.isSigned } == [.cause, .decision, .attestation])
        #expect(
            Set(Step.allCases.filter { $0.rule.forbidsOwnWork }) == [
                .solutionAcceptance, .solutionRefusal, .decision, .evaluation, .attestation, .closure,
            ])
    }

    @Test func everyStepInEveryWrongStateIsRefused() {
        for step in Step.allCases {
            for state in TicketState.allCases where !step.rule.states.contains(state) {
                let t = ticket(state)
                let command = sample(step, t, at: World.start)
                #expect(command.step == step)
                let failure = #expect(throws: Failure.self) {
                    try t.taking(command, by: anybody, context: everyTie, at: World.start)
                }
                #expect(failure?.code == "ticket.state" && failure?.kind == .conflict, "\(step) in \(state)")
            }
        }
    }

    @Test func rolesOutsideTheTableAreRefusedFirst() {
        for step in Step.allCases {
            let rule = step.rule
            let byTieAlone = rule.grants.contains { $0.role == nil }
            for state in TicketState.allCases {
                let t = ticket(state)
                for role in Role.allCases {
                    let actor = Actor(
                        id: AccountID("anybody"), name: "x", roles: Roles(role), isStaff: role != .customer)
                    var context = everyTie
                    if byTieAlone { context.relation.remove(.requester) }
                    let failure = Result { () throws(Failure) in
                        _ = try t.taking(
                            sample(step, t, at: World.start), by: actor, context: context, at: World.start)
                    }
                    let isGranted = rule.grants.contains { $0.role == role }
                    if !isGranted {
                        guard case .failure(let f) = failure else {
                            Issue.record("\(role) may \(step)")
                            continue
                        }
                        #expect(f.code == "ticket.role" && f.kind == .forbidden, "\(step) \(role) \(state)")
                    } else if case .failure(let f) = failure, step != .cancellation {
                        #expect(f.code != "ticket.role", "\(step) \(role) \(state)")
                    }
                }
            }
        }
    }

    @Test func aStrangerMayNothing() {
        for state in TicketState.allCases {
            let t = ticket(state)
            #expect(
                t.allowed(for: World.stranger, context: World.context(t, World.stranger), at: World.start)
                    .isEmpty)
        }
    }

    @Test func ownWorkIsRefusedBeforeState() {
        for step in Step.allCases where step.rule.forbidsOwnWork {
            for state in TicketState.allCases {
                var t = ticket(state)
                t.workers = [AccountID("anybody")]
                let failure = #expect(throws: Failure.self) {
                    try t.taking(
                        sample(step, t, at: World.start), by: anybody, context: everyTie, at: World.start)
                }
                #expect(failure?.code == "ticket.own_work" && failure?.kind == .forbidden, "\(step) \(state)")
            }
        }
    }

    @Test func importedTakeOnlyAddenda() {
        let t = Ticket.imported(
            id: TicketID("i"), number: "INC1", title: "t", description: "d", receivedAt: World.start,
            closedAt: World.start, recordedVerdict: true, createdAt: World.start)
        #expect(t.allowed(for: anybody, context: everyTie, at: World.start) == [.addenda])
        #expect(throws: Failure.conflict("ticket.imported")) {
            try t.reopened(Reason("x"), by: anybody, context: everyTie, at: World.start)
        }
    }

    @Test func everyStringIsThereInAllLanguages() {
        var keys = Step.allCases.flatMap { [$0.nameKey, $0.labelKey] }
        keys += TicketState.allCases.map(\.nameKey) + Category.allCases.map(\.nameKey)
        keys += Nature.allCases.map(\.nameKey) + Channel.allCases.map(\.nameKey)
        keys += TaskKind.allCases.map(\.nameKey) + Origin.allCases.map(\.nameKey)
        keys += Turn.tasks.map { Turn(.nobody, $0).taskKey } + Turn.Party.allCases.map(\.nameKey)
        for language in Language.allCases {
            let strings = Strings.of(language)
            for key in keys { #expect(strings.has(key), "\(key) in \(language.tag)") }
            for key in Strings.of(.english).keys where key.contains("ticket.") {
                #expect(strings.has(key), "\(key) in \(language.tag)")
            }
        }
    }
}
