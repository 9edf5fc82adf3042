import Base
import Foundation
import People
import Store
import Tickets
import Web

/// Plays the demo world: sets the clock to each step's instant and sends, as that person, the same
/// request that a program would send to the API. Nothing is written past the rules: who may not do a
/// thing in life may not do it here.
struct DemoRun: Sendable {
    let store: Store
    let time: Locked<Instant>
    let content: DemoContent
    let house: DemoHouse
    private let dispatcher: Dispatcher
    private let memory = Locked(Memory())

    private struct Memory {
        /// Ticket by story, and the tickets split off it.
        var tickets: [Int: String] = [:]
        var parts: [Int: [String]] = [:]
        var tasks: [String: (id: String, version: Int64)] = [:]
        /// The last answer about a ticket.
        var seen: [Int: JSON] = [:]
    }

    /// A part with a serial number that went out for a story.
    struct Replacement: Sendable { var part, number, serial: String }
    let replacements = Locked<[Int: Replacement]>([:])

    /// - Parameters:
    ///   - store: whose clock reads `time`
    init(
        store: Store, time: Locked<Instant>, content: DemoContent, house: DemoHouse,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.time = time
        self.content = content
        self.house = house
        let gatekeeper = Gatekeeper { credential, tx in
            guard case .bearer(let id) = credential,
                let actor = try People.actor(of: AccountID(id), tx)
            else { return nil }
            return Caller(actor: actor, formToken: nil, login: actor.name)
        }
        dispatcher = Dispatcher(
            routes: Areas.routes(), kit: Kit(store: store, gatekeeper: gatekeeper), chrome: Areas.chrome(),
            log: log)
    }

    /// Plays all stories in the order of time, up to an instant. A story with a step that is refused
    /// ends there; what was refused is handed back.
    func play(
        _ stories: [DemoStory], errands: [DemoErrand], until now: Instant,
        progress: @Sendable (Int, Int) -> Void
    ) async throws -> [DemoFault] {
        var faults: [DemoFault] = []
        var ended: Set<Int> = []
        var all: [(story: Int, step: DemoStep)] = []
        for (i, story) in stories.enumerated() {
            for step in story.steps where step.at <= now { all.append((i, step)) }
        }
        // Equal instants are told apart by story, and within one story they are in order already.
        all.sort { ($0.step.at, $0.story) < ($1.step.at, $1.story) }
        var errands = errands[...]
        for (n, next) in all.enumerated() where !ended.contains(next.story) {
            progress(n, all.count)
            faults += try await run(&errands, until: next.step.at)
            try await move(to: next.step.at)
            do {
                try await take(next.step, of: next.story)
            } catch let failure as Failure {
                ended.insert(next.story)
                faults.append(
                    DemoFault(
                        story: stories[next.story].text.id, step: next.step.action.name, who: next.step.who,
                        at: next.step.at, failure: failure))
            }
        }
        faults += try await run(&errands, until: now)
        try await move(to: now)
        try await DemoNotices.read(store)
        progress(all.count, all.count)
        return faults
    }

    func move(to instant: Instant) async throws {
        try await begin(theDayOf: instant)
        try await passTime(to: instant)
        time.withLock { $0 = instant }
    }

    /// The ticket of a story.
    func ticket(of story: Int) -> String { memory.withLock { $0.tickets[story] ?? "" } }

    /// What the house's own jobs would have done meanwhile, each at its time.
    private func passTime(to instant: Instant) async throws {
        var waiting: Instant?
        for _ in 0..<10_000 {
            let due = try await store.read(by: .system("demo")) { try TicketJobs.nextDue($0) }
            guard let due, due < instant else { return }
            // In quiet hours a warning stays due until the morning: look again half an hour later.
            let next = time.withLock { now in max(due, due == waiting ? now + .minutes(30) : now) }
            guard next < instant else { return }
            time.withLock { $0 = next }
            waiting = due
            try await TicketJobs.warn(store)
            try await TicketJobs.escalate(store)
            try await TicketJobs.recordAbsences(store)
        }
    }

    /// At nine in the house, what was not acknowledged since is.
    private func begin(theDayOf instant: Instant) async throws {
        let morning = DemoNotices.morning(before: instant)
        guard morning > time.withLock({ $0 }) else { return }
        try await passTime(to: morning)
        time.withLock { $0 = morning }
        for waiting in try await DemoNotices.waiting(store) {
            let path = "/api/v1/notifications/\(waiting.id)/acknowledgement"
            _ = try await request("POST", path, nil, version: nil, bearer: waiting.account)
        }
    }

    // MARK: Steps

    private func take(_ step: DemoStep, of story: Int) async throws {
        let ticket = memory.withLock { $0.tickets[story] } ?? ""
        let path = "/api/v1/tickets/" + ticket
        switch step.action {
        case .open(let body):
            let answer = try await send("POST", "/api/v1/tickets", body, as: step.who)
            memory.withLock { $0.tickets[story] = answer["id"]?.string }
            try note(answer, story, step)
        case .post(let name, let body):
            try note(try await send("POST", "\(path)/\(name)", body, as: step.who), story, step)
        case .put(let name, let body):
            let version = try await send("GET", path, nil, as: step.who)["version"]?.int
            try note(
                try await send("PUT", "\(path)/\(name)", body, version: version, as: step.who), story, step)
        case .attest(let reason):
            let sla = try await send("GET", path, nil, as: step.who)["sla"]
            let isLate = sla?["response"]?["verdict"]?.string == "missed"
            let body = JSON.make([
                "response_met": .bool(!isLate || reason != nil),
                "solution_met": .bool(sla?["solution"]?["verdict"]?.string != "missed"),
                "reason": isLate ? reason.map { .string($0) } : nil,
            ])
            try note(try await send("POST", path + "/attestation", body, as: step.who), story, step)
        case .merge(let other):
            let target = memory.withLock { $0.tickets[other] } ?? ""
            let body = JSON.make(["into": .string(target)])
            try note(try await send("POST", path + "/merge", body, as: step.who), story, step)
        case .split(let body):
            try note(try await send("POST", path + "/split", body, as: step.who), story, step)
            try await findParts(body, story, as: step.who)
        case .part(let n, let name, let body):
            let parts = memory.withLock { $0.parts[story] } ?? []
            guard parts.indices.contains(n) else { throw Failure.notFound("ticket.not_found") }
            _ = try await send("POST", "/api/v1/tickets/\(parts[n])/\(name)", body, as: step.who)
        case .task(let name, let body):
            try note(try await send("POST", path + "/tasks", body, as: step.who), story, step)
            try await findTask("\(story)/\(name)", of: ticket, body)
        case .report(let name, let result):
            guard let task = memory.withLock({ $0.tasks["\(story)/\(name)"] }) else {
                throw Failure.notFound("task.not_found")
            }
            let body = JSON.make(["done": true, "result": .string(result)])
            _ = try await send("PATCH", "/api/v1/tasks/\(task.id)", body, version: task.version, as: step.who)
        case .acknowledge: try await acknowledge(ticket, as: step.who)
        case .attach(let file): try await attach(file, path, as: step.who)
        case .absence: try await passTime(to: step.at + Span(ms: 1))
        }
    }

    /// Keeps the answer, and makes sure that the ticket stands where the story says.
    private func note(_ answer: JSON, _ story: Int, _ step: DemoStep) throws {
        memory.withLock { $0.seen[story] = answer }
        guard let state = answer["state"]?.string, state != step.state.rawValue else { return }
        throw Failure(.internal, "demo.other_state", ["state": state, "expected": step.state.rawValue])
    }

    private func acknowledge(_ ticket: String, as who: String) async throws {
        let list = try await send("GET", "/api/v1/notifications?limit=50", nil, as: who)
        for notice in list["items"]?.array ?? [] {
            guard notice["ticket_id"]?.string == ticket, notice["needs_acknowledgement"]?.bool == true,
                case .null? = notice["acknowledged_at"] ?? .null, let id = notice["id"]?.string
            else { continue }
            _ = try await send("POST", "/api/v1/notifications/\(id)/acknowledgement", nil, as: who)
        }
    }

    private func findTask(_ name: String, of ticket: String, _ body: JSON) async throws {
        // The answer to the step is the ticket; the task is in its owner's own list.
        guard let owner = body["owner_id"]?.string else { return }
        let list = try await request(
            "GET", "/api/v1/tasks?open=true&limit=200", nil, version: nil, bearer: owner)
        let mine = (list["items"]?.array ?? []).filter { $0["ticket_id"]?.string == ticket }
        guard let task = mine.max(by: { ($0["id"]?.string ?? "") < ($1["id"]?.string ?? "") }),
            let id = task["id"]?.string
        else { throw Failure.notFound("task.not_found") }
        memory.withLock { $0.tasks[name] = (id, task["version"]?.int ?? 1) }
    }

    private func findParts(_ body: JSON, _ story: Int, as who: String) async throws {
        let list = try await send("GET", "/api/v1/tickets?state=submitted&limit=200", nil, as: who)
        let titles = (body["parts"]?.array ?? []).compactMap { $0["title"]?.string }
        let parts = titles.compactMap { title in
            list["items"]?.array?.first { $0["title"]?.string == title }?["id"]?.string
        }
        memory.withLock { $0.parts[story] = parts }
    }

    private func attach(_ file: DemoFile, _ path: String, as who: String) async throws {
        let boundary = "fettle-demo-file"
        var body = Array(
            """
            --\(boundary)\r\nContent-Disposition: form-data; name="file"; filename="\(file.name)"\r\n\
            Content-Type: application/octet-stream\r\n\r\n
            """.utf8)
        body += file.bytes + Array("\r\n--\(boundary)--\r\n".utf8)
        _ = try await request(
            "POST", path + "/attachments", body, type: "multipart/form-data; boundary=\(boundary)",
            version: nil,
            bearer: house.people[who]?.text ?? "")
    }

    // MARK: Requests

    func send(
        _ method: String, _ target: String, _ body: JSON?, version: Int64? = nil, as who: String
    )
        async throws -> JSON
    {
        try await request(
            method, target, body?.bytes, version: version, bearer: house.people[who]?.text ?? "")
    }

    /// Sends a request and reads the answer; a refusal becomes an error with its code and fields.
    func request(
        _ method: String, _ target: String, _ body: [UInt8]?, type: String = "application/json",
        version: Int64?,
        bearer: String
    ) async throws -> JSON {
        var headers = ["authorization": "Bearer " + bearer]
        if body != nil { headers["content-type"] = type }
        if let version { headers["if-match"] = "\"\(version)\"" }
        let pieces = Locked(body.map { [$0] } ?? [])
        let incoming = Incoming { pieces.withLock { $0.popLast() } }
        let reply = await dispatcher.respond(
            Arrival(method: method, target: target, headers: headers, remote: "demo", body: incoming))
        guard case .bytes(let bytes) = reply.body else { return .null }
        let answer = bytes.isEmpty ? .null : try JSON.parse(bytes)
        guard reply.status < 400 else {
            throw Failure(
                Failure.Kind(rawValue: reply.status) ?? .internal, answer["code"]?.string ?? "internal",
                ["detail": answer.text])
        }
        return answer
    }
}

/// A step of the demo world that was refused: a fault of its content or of the product.
struct DemoFault: Sendable, CustomStringConvertible {
    var story, step, who: String
    var at: Instant
    var failure: Failure

    var description: String {
        "\(story) \(at.rfc3339) \(step) by \(who): \(failure.code) \(failure.arguments.values.sorted())"
    }
}

extension DemoStep.Action {
    var name: String {
        switch self {
        case .post(let name, _), .put(let name, _), .part(_, let name, _): name
        default: String(String(describing: self).prefix { $0 != "(" })
        }
    }
}
