import Base
import Tickets

/// Which texts are played, when each was received and how far each has come. The extraordinary ones
/// come first, then a ticket for every state it can be found in, then whole lives over the year.
struct DemoPlan {
    let content: DemoContent
    let house: DemoHouse
    let now: Instant
    let count: Int
    let seed: UInt64

    /// How many of 160 tickets are found in a state; at least one of each.
    private static let standing: [(TicketState, Double)] = [
        (.submitted, 5), (.opened, 3), (.dispatched, 4), (.inProgress, 11), (.waitingOnCustomer, 5),
        (.awaitingDecision, 4), (.implementing, 8), (.awaitingEvaluation, 6), (.awaitingClosure, 3),
        (.completed, 6), (.draft, 2),
    ]

    func stories() -> [DemoStory] {
        var random = SeededRandom(self.seed)
        var order = content.stories.filter(Self.isPlain)
        order.shuffle(using: &random)
        var out: [DemoStory] = []
        var next = 0
        let base = self.seed
        func seed(_ i: Int) -> UInt64 { base &* 1_000_003 &+ UInt64(i) }
        /// The next text that fits; beyond the content's number they come again with another unit.
        func text(_ fits: (DemoContent.Story) -> Bool = { _ in true }) -> DemoContent.Story? {
            if next < order.count, let i = order[next...].firstIndex(where: fits) {
                order.swapAt(i, next)
                next += 1
                return order[next - 1]
            }
            return order.filter(fits).randomElement(using: &random).map { another($0, &random) }
        }
        func add(_ text: DemoContent.Story, _ turn: DemoStory.Turn, at: Instant) {
            guard out.count < count else { return }
            out.append(
                DemoStory(
                    text, content, house, receivedAt: at, turn: turn, isRecent: now - at < .days(14),
                    seed: seed(out.count)))
        }
        func named(_ id: String) -> DemoContent.Story? { content.stories.first { $0.id == id } }

        for id in ["Q-001", "Q-082", "R-049", "Q-080", "Q-083", "R-048", "Q-016"] {
            guard let text = named(id) else { continue }
            add(text, Self.turn(text), at: past(text, &random))
        }
        if let second = named("Q-081"), let first = second.duplicateOf.flatMap(named) {
            let at = past(first, &random)
            let target = out.count
            add(first, .plain, at: at)
            let received = out.last?.receivedAt ?? at
            add(second, .merged(into: target), at: received + .minutes(150))
        }
        if let text = text({ $0.requester == $0.submittedBy && $0.category == "request" }) {
            add(text, .objected, at: past(text, &random))
        }
        if let text = text({ $0.category == "project" && $0.tags == ["milestones"] }) {
            out.append(standing(text, .inProgress, .split, seed(out.count), &random))
        }
        for (state, of160) in Self.standing {
            let n = max(1, Int((of160 * Double(count) / 160).rounded()))
            for _ in 0..<n where out.count < count {
                let needsDecision = state == .awaitingDecision
                guard
                    let text = text({ text in
                        let grave =
                            text.category == "quality" && (text.priority == "P1" || text.priority == "P2")
                        if needsDecision { return grave || text.category == "project" }
                        if state == .waitingOnCustomer { return Self.asks(text) }
                        if state == .draft { return text.requester == text.submittedBy }
                        return true
                    })
                else { continue }
                out.append(
                    standing(text, state, state == .draft ? .draft : .plain, seed(out.count), &random))
            }
        }
        while out.count < count {
            guard let text = text() else { break }
            add(text, .plain, at: past(text, &random))
        }
        return Array(out.prefix(count))
    }

    private static let special: Set<String> = [
        "paper_p4_rust", "reopened", "duplicate", "rejected", "unreachable", "reclassified", "cancelled",
    ]

    private static func isPlain(_ text: DemoContent.Story) -> Bool {
        special.isDisjoint(with: text.tags) && text.id != "Q-004" && text.id != "Q-016"
    }

    private static func turn(_ text: DemoContent.Story) -> DemoStory.Turn {
        if text.id == "Q-016" { return .emergency }
        if text.tags.contains("rejected") { return .rejected }
        if text.tags.contains("cancelled") { return .cancelled }
        if text.tags.contains("reopened") { return .reopened }
        if text.tags.contains("unreachable") { return .unreachable }
        if text.tags.contains("reclassified") { return .reclassified }
        return .plain
    }

    private static func asks(_ text: DemoContent.Story) -> Bool {
        let lines = text.conversation
        return lines.indices.contains { i in
            i + 1 < lines.count && lines[i + 1].role == "customer" && lines[i].role == "engineer"
                && lines[i].by == text.engineer && lines[i].visibility == "public"
                && (lines[i].text.contains("?") || lines[i].text.contains("？"))
        }
    }

    /// A day of the last year, in the month that the text asks for, long enough ago to have ended.
    private func past(_ text: DemoContent.Story, _ random: inout SeededRandom) -> Instant {
        let days = random.share(3, 360)
        let at = now - .seconds(Int64(days * 86_400))
        guard let month = text.monthHint else { return at }
        let wall = Zone.utc.wall(now)
        let today = CivilDate.date(dayNumber: wall.dayNumber)
        let year = month < today.month ? today.year : today.year - 1
        let day = 1 + Int(random.share() * Double(CivilDate.daysInMonth(year: year, month: month)))
        let number = CivilDate.dayNumber(year: year, month: month, day: day)
        return Zone.utc.instant(WallTime(dayNumber: number, secondOfDay: Int(random.share(4, 14) * 3600)))
    }

    /// A life broken off in a state, so placed in time that it has stood there for a while.
    private func standing(
        _ text: DemoContent.Story, _ state: TicketState, _ turn: DemoStory.Turn, _ seed: UInt64,
        _ random: inout SeededRandom
    ) -> DemoStory {
        let idle = idle(text, state, &random)
        let share = random.share()
        // Shifts work round the clock too: what came last night waits this morning.
        let atAnyHour = TicketStates(.submitted, .opened, .dispatched).contains(state)
        var at = now - .days(10)
        func told(_ draw: UInt64) -> DemoStory {
            var story = DemoStory(
                text, content, house, receivedAt: at, turn: turn, isRecent: true, atAnyHour: atAnyHour,
                seed: draw)
            story.stop(in: state, share: share)
            return story
        }
        var story = told(seed)
        let limit = now - idle
        for slack in [1, 2, 4, 8, 20, 40, 80, 120] as [Int64] {
            // Another draw only where this one never comes to that state.
            var draw = seed
            for _ in 0..<6 where story.steps.last?.state != state {
                draw &+= 7_919
                story = told(draw)
            }
            guard let last = story.steps.last else { break }
            if last.at <= now - .minutes(3), last.at >= limit - .hours(slack) { break }
            at = at + (limit - last.at)
            story = told(draw)
        }
        return story
    }

    private func idle(_ text: DemoContent.Story, _ state: TicketState, _ random: inout SeededRandom) -> Span {
        let isOverdue = random.chance(0.2)
        let targets: [String: Double] = ["P1": 24, "P2": 72, "P3": 168, "P4": 240]
        let target = targets[text.priority] ?? 168
        switch state {
        case .submitted, .opened, .dispatched:
            return random.hours(0.1, isOverdue ? 20 : min(6, target / 12))
        case .inProgress, .waitingOnCustomer:
            return isOverdue ? random.hours(target * 0.6, target) : random.hours(0.3, target * 0.3)
        case .awaitingDecision: return random.hours(1, 30)
        case .implementing: return random.hours(4, 150)
        case .awaitingEvaluation: return random.hours(3, 200)
        case .completed: return random.hours(5, 160)
        default: return random.hours(1, 40)
        }
    }

    /// The same story of another unit: another serial of the product, if there is one in the project
    /// another site, another of the customer's people.
    private func another(_ text: DemoContent.Story, _ random: inout SeededRandom) -> DemoContent.Story {
        var text = text
        let units = content.units.filter {
            $0.product == text.product && $0.project == text.project && $0.site != nil
        }
        if let unit = random.pick(units), let site = unit.site {
            text.productUnit = unit.id
            text.site = site
        }
        let people = content.people.filter { $0.organisation == text.organisation && $0.role == "customer" }
        if text.requester == text.submittedBy, let person = random.pick(people) {
            text.conversation = text.conversation.map { line in
                var line = line
                if line.by == text.requester { line.by = person.id }
                return line
            }
            text.requester = person.id
            text.submittedBy = person.id
        }
        return text
    }
}

extension DemoStory {
    /// Breaks off somewhere among the steps that leave the ticket in that state.
    mutating func stop(in state: TicketState, share: Double) {
        if case .split = turn, let i = steps.lastIndex(where: { $0.action.isOfPart }) {
            truncate(after: i)
            return
        }
        let there = steps.indices.filter { steps[$0].state == state }
        guard let first = there.first else { return }
        // Only the first stay counts: later ones come after a detour.
        var run = first
        while run + 1 < steps.count, steps[run + 1].state == state { run += 1 }
        let i = first + Int((Double(run - first) * share).rounded())
        truncate(after: i)
    }
}
