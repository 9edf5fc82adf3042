import Base
import ServiceLevels
import Testing
import Tickets

/// Random people try random steps.
@Suite struct TicketRulesWalkTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func invariantsHoldAndAllowedTellsTheTruth(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var reached: Set<TicketState> = []
        for _ in 0..<6 {
            var life = Life(World.draft(Category.allCases.randomElement(using: &random) ?? .quality))
            var settings = TicketSettings()
            if Bool.random(using: &random) { settings.fourEyes = .whenPossible }
            let isOnDuty = Bool.random(using: &random)
            life.adjust = { [settings] in
                $0.settings = settings
                $0.isOnDuty = isOnDuty
            }
            for _ in 0..<120 {
                try step(&life, &random, "seed \(seed)")
                reached.insert(life.ticket.state)
            }
        }
        // The walk goes deep enough to mean something.
        #expect(reached.count >= 9, "seed \(seed) reached \(reached.map(\.rawValue).sorted())")
    }

    private let forward: [Step] = [
        .submission, .objection, .approval, .assignment, .acceptance, .cause, .solution, .decision,
        .completion, .evaluation, .attestation, .closure, .archive, .reopening, .resumption,
    ]

    private func step(_ life: inout Life, _ random: inout SeededRandom, _ note: String) throws {
        var actor = World.all.randomElement(using: &random) ?? World.customer
        var step = Step.allCases.randomElement(using: &random) ?? .notes
        // Half of the time somebody brings it forward; ends are rare, or nothing behind is seen.
        if Bool.random(using: &random) {
            let offers = World.all.prefix(10).flatMap { person in life.allowed(person).map { (person, $0) } }
            if let offer = offers.filter({ forward.contains($0.1) }).randomElement(using: &random) {
                (actor, step) = offer
            }
        } else if [.cancellation, .merge, .rejection].contains(step), random.next() % 8 != 0 {
            return
        }
        let before = life
        let allowed = life.allowed(actor)
        #expect(Set(allowed).count == allowed.count)
        let command = sample(step, life.ticket, at: life.now, pick: random.next())
        do {
            try life.take(command, actor, after: .zero)
            #expect(allowed.contains(step), "\(note): \(step) by \(actor.name) in \(before.ticket.state)")
            check(before, life, step, note)
        } catch let failure as Failure {
            #expect(life.ticket == before.ticket)
            #expect(
                !allowed.contains(step) && [.forbidden, .conflict].contains(failure.kind),
                "\(note): \(step) by \(actor.name) in \(before.ticket.state): \(failure)")
        }
        life.now = life.now + .minutes(Int64(random.next() % 3000))
        let t = life.ticket
        if t.tasksOpen > 0, Bool.random(using: &random),
            let out = try? t.taskChanged(
                wasDone: false, isDone: true, result: nil, by: World.manager,
                context: World.context(t, World.manager), at: life.now)
        {
            life.ticket = out.ticket
        }
    }

    private func check(_ before: Life, _ after: Life, _ step: Step, _ note: String) {
        let t = after.ticket
        let place = "\(note): \(before.ticket.state) –\(step)→ \(t.state)"
        if TicketStates.opened.contains(t.state) || t.state == .completed || t.state == .archived {
            #expect(t.priority != nil && t.receivedAt != nil && t.category != nil, "\(place)")
        }
        if TicketStates.inWork.contains(t.state) { #expect(t.engineer != nil, "\(place)") }
        if let engineer = t.engineer { #expect(t.workers.contains(engineer), "\(place)") }
        #expect((t.state == .waitingOnCustomer) == (t.pausedAt != nil), "\(place)")
        if t.state == .awaitingClosure {
            #expect(t.attestation != nil && (t.evaluation ?? t.lateEvaluation) != nil, "\(place)")
        }
        if t.state == .awaitingEvaluation { #expect(t.completion != nil && t.nature != nil, "\(place)") }
        if t.state == .completed { #expect(t.closure != nil && t.provisional == nil, "\(place)") }
        if t.state == .archived { #expect(t.archive != nil && t.tasksOpen == 0, "\(place)") }
        if step == .solution, t.state == .implementing {
            #expect(!t.isDecisionDue(cost: t.solution?.cost, TicketSettings()), "\(place)")
        }
        if step == .solution, t.state != .inProgress, t.isCauseNeeded(TicketSettings()) {
            #expect(t.cause != nil, "\(place)")
        }
        if before.ticket.state == .archived {
            #expect([.addenda, .reopening, .evaluation].contains(step), "\(place)")
            if step == .addenda { #expect(t == before.ticket, "\(place)") }
        }
        #expect(t.cycle == before.ticket.cycle + (after.last.frozen == nil ? 0 : 1), "\(place)")
        checkClock(after, place)
    }

    /// Pauses open and close in turn, the first answer is counted once a cycle, nothing runs twice.
    private func checkClock(_ life: Life, _ place: String) {
        var paused = false
        var responded = false
        for effect in life.clock {
            switch effect {
            case .paused:
                #expect(!paused, "\(place)")
                paused = true
            case .resumed:
                #expect(paused, "\(place)")
                paused = false
            case .responded:
                #expect(!responded, "\(place)")
                responded = true
            case .reopened:
                paused = false
                responded = false
            case .voided, .closed: paused = false
            default: break
            }
        }
        #expect(paused == (life.ticket.state == .waitingOnCustomer), "\(place)")
    }
}
