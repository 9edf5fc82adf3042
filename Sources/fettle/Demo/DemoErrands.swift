import Base
import Tickets
import Web

/// One thing that the storehouse or finance does between the steps of the stories, at its time.
struct DemoErrand: Sendable {
    var at: Instant
    /// The ticket's story or what is done.
    var name: String
    var act: @Sendable (DemoRun) async throws -> Void
}

/// Plans the storehouse's days: what each ticket's work takes, what comes back for it, what is bought again,
/// what goes on the road or on loan, what is counted, and the months that finance closes.
struct DemoErrands {
    let content: DemoContent
    let stories: [DemoStory]
    let start: Instant
    let now: Instant
    private let home = Zone("Asia/Shanghai") ?? .utc
    private var errands: [DemoErrand] = []
    private var random: SeededRandom

    init(_ stories: [DemoStory], _ content: DemoContent, from start: Instant, until now: Instant) {
        self.content = content
        self.stories = stories
        self.start = start
        self.now = now
        random = SeededRandom(UInt64(stories.count))
    }

    /// In the order of time.
    static func all(_ stories: [DemoStory], _ content: DemoContent, from start: Instant, until now: Instant)
        -> [DemoErrand]
    {
        var plan = DemoErrands(stories, content, from: start, until: now)
        plan.planTickets()
        plan.planPurchases()
        plan.planStore()
        plan.planMonths()
        return plan.errands.filter { $0.at > start && $0.at <= now }.sorted { $0.at < $1.at }
    }

    private mutating func add(
        _ at: Instant, _ name: String, _ act: @escaping @Sendable (DemoRun) async throws -> Void
    ) {
        errands.append(DemoErrand(at: at, name: name, act: act))
    }

    private mutating func office(_ t: Instant) -> Instant { DemoHours.office(t, home, &random) }

    // MARK: Tickets

    /// When the parts of a story are used: between the step that lets the work begin and the next that ends it.
    private func work(of story: DemoStory) -> (from: Instant, until: Instant)? {
        let past = story.steps.filter { $0.at <= now }
        guard let first = past.firstIndex(where: { $0.state == .implementing && !$0.action.isOfPart })
        else { return nil }
        let end = past[first...].first { $0.state != .implementing }
        return (past[first].at, end?.at ?? now)
    }

    private var used: [(at: Instant, parts: [DemoContent.PartUsed])] = []

    private mutating func planTickets() {
        for (i, story) in stories.enumerated() {
            guard !story.text.parts.isEmpty, let work = work(of: story) else { continue }
            let room = (work.until - work.from).ms
            let at = work.from + Span(ms: room / 3)
            let parts = story.text.parts
            let engineer = story.cast.engineer
            used.append((at, parts))
            add(at, story.text.id) { try await $0.take(parts, by: engineer, story: i) }
            let back = work.from + Span(ms: room / 3 * 2)
            add(back, story.text.id) { try await $0.takeBack(of: i, by: engineer) }
        }
        planWhatIsInHand()
    }

    /// On tickets in work now: some issued, some kept, some that the keeper has yet to hand out, one box
    /// abroad on its way.
    private mutating func planWhatIsInHand() {
        var n = 0
        for (i, story) in stories.enumerated() {
            let past = story.steps.filter { $0.at <= now }
            guard let last = past.last, last.state == .inProgress || last.state == .implementing,
                story.text.parts.isEmpty || last.state == .inProgress,
                let small = smallPart(for: story.text, n)
            else { continue }
            let hours = Int64(random.share(2, 60) * 60)
            let at = min(office(last.at + .minutes(hours)), now - .minutes(20 + Int64(n) * 7))
            guard at > last.at, n < 18 else { continue }
            let engineer = story.cast.engineer
            let turn = n
            if turn == 0 {
                add(max(at, now - .days(2)), story.text.id) { try await $0.ship(small, story: i) }
            } else {
                add(at, story.text.id) {
                    try await $0.use(
                        small, 1, mode: turn % 4 == 3 ? "reserve" : "issue", by: engineer, story: i,
                        isHandedOut: turn % 6 != 2)
                }
            }
            n += 1
        }
    }

    /// A cheap part of the ticket's product that needs no serial number.
    private func smallPart(for story: DemoContent.Story, _ n: Int) -> String? {
        guard let product = story.product else { return nil }
        let fitting = content.parts.filter {
            $0.tracking != "serial" && $0.priceFen < 100_000 && $0.supersededBy == nil
                && $0.fits.contains { $0 == product || $0.hasPrefix(product + ".") }
        }
        return fitting.isEmpty ? nil : fitting[n * 5 % fitting.count].number
    }

    // MARK: The storehouse

    /// Every second month what was used is bought again, supplier by supplier.
    private mutating func planPurchases() {
        let parts = Dictionary(content.parts.map { ($0.number, $0) }, uniquingKeysWith: { a, _ in a })
        let uses = used.sorted { $0.at < $1.at }
        var from = start
        var turn = 0
        while from < now {
            let until = from + .days(61)
            var quantities: [String: Int64] = [:]
            for use in uses where use.at >= from && use.at < until {
                for p in use.parts { quantities[p.number, default: 0] += p.quantity }
            }
            let bySupplier = Dictionary(grouping: quantities.keys.sorted()) { parts[$0]?.supplier ?? "" }
            for (k, supplier) in bySupplier.keys.sorted().enumerated() {
                let lines = (bySupplier[supplier] ?? []).compactMap { number in
                    parts[number].map {
                        DemoDelivery(
                            part: $0, quantity: quantities[number] ?? 1,
                            unitCost: Int64((Double($0.priceFen) * random.share(0.97, 1.05)).rounded()))
                    }
                }
                let label = turn * 20 + k
                add(office(until + .hours(Int64(5 + k * 29))), "receipt") {
                    try await $0.receive(lines, from: supplier, label: label)
                }
            }
            from = until
            turn += 1
        }
    }

    /// Boxes on the road, a set on loan, a dear delivery that waits for a second person, one check ended and
    /// one half counted.
    private mutating func planStore() {
        let due = now + .days(9)
        add(office(now - .days(64)), "transfer") { try await $0.restock("pl-nbo", days: 8) }
        add(office(now - .days(56)), "transfer") { try await $0.unpack(at: "pl-nbo") }
        add(office(now - .days(3)), "transfer") { try await $0.restock("pl-kzh", days: 8) }
        add(office(now - .days(36)), "loan") { try await $0.lend(due: due) }
        add(office(now - .days(9)), "stock check") { try await $0.checkTheCoolRoom() }
        add(now - .hours(22), "receipt") { try await $0.receiveDear() }
        add(now - .minutes(95), "stock check") { try await $0.beginInNairobi() }
    }

    /// Finance closes a month on the sixth day of the next.
    private mutating func planMonths() {
        let first = CivilDate.date(dayNumber: home.wall(start).dayNumber)
        var (year, month) = (first.year, first.month)
        while true {
            let name = CivilDate.text(dayNumber: CivilDate.dayNumber(year: year, month: month, day: 1))
                .prefix(7)
            (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1)
            let sixth = CivilDate.dayNumber(year: year, month: month, day: 6)
            let at = office(home.instant(WallTime(dayNumber: sixth, secondOfDay: 10 * 3600)))
            guard at < now - .days(1) else { return }
            add(at, "period") { try await $0.close(String(name)) }
        }
    }
}

/// A line of a delivery from a supplier.
struct DemoDelivery: Sendable {
    var part: DemoContent.Part
    var quantity, unitCost: Int64
}

extension DemoRun {
    /// Runs the errands up to an instant, and takes them from the list.
    func run(_ errands: inout ArraySlice<DemoErrand>, until instant: Instant) async throws -> [DemoFault] {
        var faults: [DemoFault] = []
        while let next = errands.first, next.at <= instant {
            errands.removeFirst()
            try await move(to: next.at)
            do { try await next.act(self) } catch let failure as Failure {
                faults.append(
                    DemoFault(
                        story: next.name, step: "stock", who: Self.keeper, at: next.at, failure: failure))
            }
        }
        return faults
    }
}
