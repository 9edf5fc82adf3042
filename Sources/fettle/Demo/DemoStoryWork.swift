import Base
import Tickets
import Web

extension DemoStory {
    /// The conversation between dispatch and solution, in the content's order: messages, notes, questions
    /// that pause, tasks for whoever does not write in tickets, an interim measure.
    mutating func work(answerAt: Instant, until end: Instant) {
        let lines = text.conversation
        if lines.first.map({ $0.visibility != "public" || $0.role == "customer" }) ?? true {
            say(answerAt, cast.engineer, words.greeting)
        }
        let sets = random.chance(0.55)
        var spent = Span.zero
        let from = max(clock, answerAt)
        let step = max(Span.minutes(4), (end - from).times(0.85 / Double(max(1, lines.count))))
        for (i, line) in lines.enumerated() {
            let jitter = step.times(random.share(0.7, 1.1))
            spent += i == 0 && hasAnswered == false ? .zero : jitter
            let who = speaker(line)
            let due = i == 0 && hasAnswered == false ? answerAt : from + spent
            let office = DemoHours.office(due, cast.zone(who), &random)
            speak(
                line, who, presses || i == 0 || office > end ? due : office,
                next: i + 1 < lines.count ? lines[i + 1] : nil)
            if i == 0, sets, state == .inProgress { promise() }
        }
        coordinate()
        if let interim = text.interimMeasure { ease(interim) }
        if case .reclassified = turn { reclassify() }
        if case .split = turn { split() }
        if text.category == "quality", text.priority == "P4", random.chance(0.15) { regrade() }
    }

    /// The content names people; a ticket's engineer may have changed since.
    private func speaker(_ line: DemoContent.Line) -> String {
        line.by == text.engineer ? cast.engineer : line.by
    }

    private mutating func speak(
        _ line: DemoContent.Line, _ who: String, _ at: Instant, next: DemoContent.Line?
    ) {
        let asks =
            line.asksCustomer == true
            || (next?.role == "customer" && (line.text.contains("?") || line.text.contains("？"))
                && random.chance(0.65))
        switch line.role {
        case "customer":
            add(
                at, who, state == .waitingOnCustomer ? .inProgress : nil,
                .post(Step.responses.rawValue, .make(["body": .string(line.text)])))
        case "keeper", "quality":
            // They answer in a task of their own.
            let name = "said-\(steps.count)"
            add(
                at, cast.engineer, nil,
                .task(
                    name,
                    .make([
                        "kind": line.role == "keeper" ? "material" : "technology",
                        "title": .string(words.task(line.role == "keeper" ? "material" : "technology").title),
                        "owner_id": account(who),
                    ])))
            add(clock + random.minutes(30, 200), who, nil, .report(task: name, result: line.text))
        default:
            if line.visibility != "public" {
                post(at, who, nil, .notes, ["body": .string(line.text)])
            } else if asks, who == cast.engineer {
                if state == .dispatched { post(at, who, .inProgress, .acceptance) }
                if state == .waitingOnCustomer {
                    say(at, who, line.text)
                } else {
                    hasAnswered = true
                    post(at, who, .waitingOnCustomer, .pause, ["question": .string(line.text)])
                }
            } else {
                say(at, who, line.text)
            }
        }
    }

    private mutating func say(_ at: Instant, _ who: String, _ body: String) {
        hasAnswered = true
        let begins = state == .dispatched && who == cast.engineer
        let byPhone = random.chance(0.12)
        post(
            at, who, begins ? .inProgress : nil, .responses,
            ["body": .string(body), "channel": byPhone ? "phone" : nil])
    }

    /// An answer that came by telephone ends a pause before the solution.
    mutating func resumeIfPaused() {
        if state == .dispatched { post(clock, cast.engineer, .inProgress, .acceptance) }
        guard state == .waitingOnCustomer else { return }
        post(
            later(random.hours(1, 12), cast.engineer), cast.engineer, .inProgress, .resumption,
            ["channel": "phone"])
    }

    private mutating func promise() {
        let name = content.person(cast.requester)?.name.text(text.lang) ?? ""
        let at = DemoHours.office(clock + random.days(1, 4), cast.zone(cast.engineer), &random)
        add(
            clock + random.minutes(2, 20), cast.engineer, nil,
            .put(
                Step.nextAction.rawValue,
                .make([
                    "at": .of(at), "owner_id": account(cast.engineer),
                    "text": .string(words.nextAction(name)),
                ])))
    }

    /// Coordination of the four kinds, and a visit.
    private mutating func coordinate() {
        var wanted: [(String, String)] = []
        if !text.parts.isEmpty, random.chance(0.6) {
            wanted.append(("material", random.pick(keepers) ?? "p-liang-haiyan"))
        }
        if isGraveQuality, random.chance(0.4) { wanted.append(("technology", cast.technicalLead)) }
        if text.category == "project", random.chance(0.7) { wanted.append(("management", cast.manager)) }
        if random.chance(isGraveQuality ? 0.35 : 0.08) { wanted.append(("people", cast.manager)) }
        for (i, (kind, owner)) in wanted.enumerated() {
            let name = "\(kind)-\(i)"
            let due = DemoHours.office(clock + random.days(1, 5), cast.zone(owner), &random)
            add(
                later(random.minutes(10, 60), cast.engineer), cast.engineer, nil,
                .task(
                    name,
                    .make([
                        "kind": .string(kind), "title": .string(words.task(kind).title),
                        "owner_id": account(owner),
                        "due_at": .of(due),
                    ])))
            see(owner, 0.8)
            tasks.append((name, owner, words.task(kind).result))
        }
    }

    private var keepers: [String] {
        ["p-liang-haiyan", "p-daudi", "p-feng-li", "p-wang-xinhe", "p-lu-jiaqi", "p-brandt"]
    }

    private mutating func ease(_ measure: String) {
        resumeIfPaused()
        post(
            later(random.minutes(20, 90), cast.engineer), cast.engineer, nil, .solution,
            ["statement": .string(measure), "interim": true])
        if random.chance(0.5) {
            post(later(random.minutes(20, 240), cast.requester), cast.requester, nil, .solutionAcceptance)
        }
    }

    /// Looked at again: fewer cases than thought, so one grade higher.
    private mutating func regrade() {
        add(
            later(random.minutes(30, 200), cast.manager), cast.manager, nil,
            .put(
                Step.priority.rawValue,
                .make([
                    "impact": "small", "commonness": "uncommon", "safety": false, "kind": "misjudged",
                    "reason": .string(words.rarer),
                ])))
    }

    private mutating func reclassify() {
        add(
            later(random.minutes(30, 200), cast.manager), cast.manager, nil,
            .put(
                Step.classification.rawValue,
                .make([
                    "category": .string(text.category), "nature": .string(text.nature),
                    "reason": .string(words.reclassified),
                ])))
    }

    private mutating func split() {
        resumeIfPaused()
        let parts = words.splitParts.map {
            JSON.make(["title": .string($0.title), "description": .string($0.description)])
        }
        add(
            later(random.minutes(30, 200), cast.manager), cast.manager, nil,
            .split(.make(["parts": .array(parts)])))
        add(
            clock + random.minutes(20, 60), cast.manager, nil,
            .part(0, Step.approval.rawValue, .object([.init("category", .string(text.category))] + grading)))
        add(
            clock + random.minutes(5, 30), cast.manager, nil,
            .part(0, Step.assignment.rawValue, .make(["engineer_id": account(cast.colleague)])))
    }
}
