import Base
import People
import ServiceLevels
import Store
import Tickets

/// A house with customers, projects and people, and as many tickets as are wanted: each lived through the
/// rules in memory, and stored once by the tickets' own insert.
struct BenchWorld: Sendable {
    struct Place: Sendable {
        var organization: OrganizationID
        var project: ProjectID
        var site: SiteID
        var customers: [Actor]
        var siteLead: Actor
    }

    var places: [Place] = []
    var managers: [Actor] = []
    var engineers: [Actor] = []
    var lead = Actor.system("lead")
    var boss = Actor.system("boss")
    var quality = Actor.system("quality")
    var unit = OrganizationID("")
    /// Tokens by login.
    var tokens: [String: String] = [:]
    /// Tickets that can be answered, with the login of their engineer.
    var answerable: [(number: String, engineer: String)] = []
    /// Every ticket that a service manager sees.
    var numbers: [String] = []
    var loginOf: [AccountID: String] = [:]
    var stock = BenchStock()

    static let password = "correct horse 42"

    // MARK: People

    mutating func people(_ hash: String, _ tx: Transaction) throws {
        let home = try People.add(NewOrganization(.house, name: "远衡科技"), tx)
        let unit = try People.add(NewOrganization(.unit, name: "客服部", parent: home.id), tx)
        self.unit = unit.id
        try stock.load(hash, home: home.id, tx)
        func person(_ login: String, _ role: Role, _ home: OrganizationID, _ post: NewPost) throws -> Actor {
            let account = try People.add(
                NewAccount(login: login, name: login, organization: home), passwordHash: hash, tx)
            try People.add(post, to: account, tx)
            tokens[login] = try People.makeToken(account.id, name: "bench", days: nil, tx)
            loginOf[account.id] = login
            return Actor(
                id: account.id, name: login, roles: Roles(role), organization: home,
                units: role == .engineer ? [unit.id] : [], isStaff: role != .customer)
        }
        for i in 1...4 {
            managers.append(
                try person("manager\(i)", .serviceManager, unit.id, NewPost(.serviceManager, unit: unit.id)))
        }
        for i in 1...16 {
            engineers.append(
                try person("engineer\(i)", .engineer, unit.id, NewPost(.engineer, unit: unit.id)))
        }
        lead = try person("lead", .technicalLead, home.id, NewPost(.technicalLead))
        boss = try person("boss", .management, home.id, NewPost(.management))
        quality = try person("quality", .quality, home.id, NewPost(.quality))
        for category in RoutedCategory.allCases {
            try tx.run(
                """
                insert into routing (id, category, product, unit_id, position)
                values (\(category.rawValue), \(category.rawValue), null, \(unit.id), 1)
                """)
        }
        for o in 1...40 {
            let customer = try People.add(NewOrganization(.customer, name: "Customer \(o) 测控站"), tx)
            let project = try People.add(
                NewProject(code: "PRJ-\(o)", name: "地面站 \(o)", customer: customer.id), tx)
            let site = try People.add(
                NewSite(name: "Site \(o)", zone: ["Africa/Nairobi", "Asia/Shanghai", "America/Lima"][o % 3]),
                to: project, tx)
            var lead = try person(
                "site\(o)", .siteLead, home.id, NewPost(.siteLead, site: site.id))
            lead.sites = [site.id]
            let asking = try (1...2).map { i in
                try person("customer\(o)-\(i)", .customer, customer.id, NewPost(.customer))
            }
            places.append(
                Place(
                    organization: customer.id, project: project.id, site: site.id, customers: asking,
                    siteLead: lead))
        }
    }

    // MARK: Tickets

    private static let faults = [
        ("方位轴过流告警 AZ-217", "过境时方位轴在 214° 停住，控制器报 AZ-217 驱动过流。已重启天线控制单元两次，仰角高于 30° 的过境正常。"),
        (
            "Elevation drive stalls in the cold",
            "Below minus 20 °C the elevation drive stalls on every second pass; the log shows a following error."
        ),
        ("低噪放增益下降", "X 频段低噪声放大器增益较交付时下降 3 dB，跟踪门限变差，怀疑防雷器受潮。"),
        (
            "Down-converter loses lock",
            "The down-converter loses lock for some seconds after each warm start of the reference."
        ),
        ("编码器读数跳变", "俯仰编码器读数偶发跳变 0.4°，更换电缆后仍出现，环境湿度 80%。"),
        (
            "Rust on the pedestal bolts",
            "Rust on four of the pedestal bolts after the rainy season; photographs attached."
        ),
        ("软件升级后界面卡顿", "ACU 软件升级到 4.2.1 后界面卡顿，切换轨道计划需要十几秒。"),
        ("Training for two operators", "We ask for a training of two operators before the next campaign."),
    ]

    private enum Fate: CaseIterable {
        case submitted, opened, dispatched, inProgress, waiting, implementing, evaluation, completed,
            archived,
            cancelled
    }

    /// What a page of loaded tickets came to.
    struct Loaded: Sendable {
        var numbers: [String] = []
        var answerable: [(number: String, engineer: String)] = []
    }

    /// Inserts the tickets of those places in the row, in the transaction.
    func load(_ range: Range<Int>, random: inout SeededRandom, _ tx: Transaction) throws -> Loaded {
        var out = Loaded()
        for n in range {
            let outcome = try ticket(n, now: tx.now, &random)
            try Tickets.insert(outcome, tx)
            out.numbers.append(outcome.ticket.number)
            if outcome.ticket.state == .inProgress, let engineer = outcome.ticket.engineer,
                let login = loginOf[engineer]
            {
                out.answerable.append((outcome.ticket.number, login))
            }
        }
        return out
    }

    private func ticket(_ n: Int, now: Instant, _ random: inout SeededRandom) throws -> Outcome {
        let roll = Int.random(in: 0..<100, using: &random)
        let fate: Fate =
            switch roll {
            case 0..<4: .submitted
            case 4..<6: .opened
            case 6..<8: .dispatched
            case 8..<16: .inProgress
            case 16..<18: .waiting
            case 18..<20: .implementing
            case 20..<22: .evaluation
            case 22..<32: .completed
            case 32..<36: .cancelled
            default: .archived
            }
        let isOpen = roll < 22
        let age = Span.minutes(
            isOpen
                ? .random(in: 3000...14_000, using: &random) : .random(in: 14_400...525_600, using: &random))
        let received = now - age
        let fault = BenchWorld.faults[Int.random(in: 0..<BenchWorld.faults.count, using: &random)]
        let place = places[Int.random(in: 0..<places.count, using: &random)]
        let asking = place.customers[n % place.customers.count]
        let engineer = engineers[Int.random(in: 0..<engineers.count, using: &random)]
        let manager = managers[n % managers.count]
        var lead = self.lead
        lead.projects = [place.project]
        let category: Category = n % 5 == 0 ? .request : .quality
        let digits = String(n)
        var draft = Ticket(
            id: ID.make(at: received, using: &random),
            number: "FT-20-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits,
            title: "\(fault.0) #\(n % 977)", description: fault.1, category: category, createdBy: asking.id,
            createdAt: received)
        draft.requester = asking.id
        draft.organization = place.organization
        draft.project = place.project
        draft.site = place.site
        draft.unit = unit
        draft.product = "CY-GS73X"
        draft.model = "CY-GS73X"
        draft.serial = "GS73X-\(2000 + n % 26)-\(1000 + n % 4999)"
        draft.failureMode = "FM-\(n % 40)"
        var life = Life(Outcome(draft), siteLead: place.siteLead.id, at: received)
        try life.take(.submission(Submission()), asking, .zero)
        if fate == .submitted { return life.whole }
        if fate == .cancelled {
            try life.take(.cancellation(Reason("Solved by ourselves")), asking)
            return life.whole
        }
        let priority = Priority(rawValue: 1 + n % 4) ?? .p4
        let levels = [
            "impact": n % 4 < 2 ? "large" : "small", "commonness": n % 2 == 0 ? "uncommon" : "common",
        ]
        try life.take(
            .approval(Approval(category: category, grading: Grading(axes: levels, schemeGrade: priority))),
            manager)
        if fate == .opened { return life.whole }
        try life.take(.assignment(Assignment(engineer: engineer.id ?? ID(""))), manager)
        if fate == .dispatched { return life.whole }
        try life.take(.acceptance, engineer)
        try life.take(
            .response(Message(body: "您好，我已接手。请先把方位速度限制在 6°/s，并把驱动器日志发给我。", channel: .web)), engineer)
        try life.take(
            .note(Message(body: "Same batch as two tickets of last year; look at the bus capacitors.")),
            engineer)
        if fate == .inProgress { return life.whole }
        if fate == .waiting {
            try life.take(.pause(question: "Please send the drive logs of three passes."), engineer)
            return life.whole
        }
        if category == .quality, priority <= .p2 {
            try life.take(.cause(CauseStatement(statement: "母线电容早期老化，批次 23W31，纹波超限 40%。")), lead)
        }
        try life.take(
            .solution(SolutionStatement(statement: "更换功率板并升级驱动器固件；备件两块，随工程师到场。")), engineer)
        if life.whole.ticket.state == .awaitingDecision {
            try life.take(.decision(DecisionStatement(outcome: .approved, statement: "同意")), boss)
        }
        if fate == .implementing { return life.whole }
        try life.take(
            .completion(CompletionReport(report: "功率板已更换，三次过境正常。", nature: .technical)), engineer)
        if fate == .evaluation { return life.whole }
        try life.take(
            .evaluation(Rating(response: 5, attitude: 5, skill: 4, result: 5, comment: "Quick and friendly")),
            asking)
        try life.take(
            .attestation(AttestationStatement(responseMet: true, solutionMet: true)), place.siteLead)
        try life.take(.closure(ClosureStatement(outcome: .approved)), manager)
        if fate == .completed { return life.whole }
        try life.take(.archive(summary: "Drives replaced", lesson: nil), quality)
        return life.whole
    }
}

/// A ticket on its way through the rules, with all that would have been stored.
private struct Life {
    var whole: Outcome
    let siteLead: AccountID?
    var now: Instant

    init(_ start: Outcome, siteLead: AccountID?, at now: Instant) {
        whole = start
        self.siteLead = siteLead
        self.now = now
    }

    mutating func take(_ command: TicketCommand, _ actor: Actor, _ after: Span = .minutes(40)) throws {
        now = now + after
        var context = RuleContext(
            relation: .of(actor, to: whole.ticket), siteLeads: Set([siteLead].compactMap { $0 }))
        context.computedResponseMet = true
        context.computedSolutionMet = true
        let outcome = try whole.ticket.taking(command, by: actor, context: context, at: now)
        whole.ticket = outcome.ticket
        whole.clock += outcome.clock
        whole.facts += outcome.facts
    }
}
