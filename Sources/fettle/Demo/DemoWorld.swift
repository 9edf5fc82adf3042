import Base
import Foundation
import People
import Store

/// The demo world from nothing: the house, then its tickets over the last year.
enum DemoWorld {
    struct SignIn: Sendable {
        var login, role, name, organization: String
    }

    /// What was made.
    struct Made: Sendable {
        var signIns: [SignIn]
        /// Steps that were refused; none, unless the rules have moved away from the stories.
        var faults: [DemoFault]
    }

    /// Makes the world in a place that holds none yet.
    /// - Parameters:
    ///   - tickets: how many stories are played; parts split off come on top
    ///   - now: the instant at which the world is looked at
    /// - Throws: `demo.not_empty` where there are people, organisations or tickets already
    static func make(
        _ engine: any Engine, tickets: Int, seed: UInt64, password: String, now: Instant,
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> Made {
        let since = now - .days(400)
        let time = Locked(since)
        let clock: @Sendable () -> Instant = { time.withLock { $0 } }
        _ = try await World.open(engine, clock: clock)
        // Nobody hears what happened in the play: no mail goes out about last spring.
        let store = Store(engine: engine, clock: clock)
        let isEmpty = try await store.read(by: .system("demo")) { tx in
            try !tx.exists("select 1 from organization limit 1") && !tx.exists("select 1 from ticket limit 1")
        }
        guard isEmpty else { throw Failure.conflict("demo.not_empty") }
        let content = try DemoContent()
        for person in content.people { try Passwords.check(password, login: person.login) }
        let hash = try await Passwords.hash(password)
        let people = DemoPeople(content: content, passwordHash: hash, since: since, now: now)
        let house = try await store.write(by: .system("demo")) { try people.make($0) }
        let plan = DemoPlan(content: content, house: house, now: now, count: tickets, seed: seed)
        let run = DemoRun(store: store, time: time, content: content, house: house) { line in
            FileHandle.standardError.write(Data((line + "\n").utf8))
        }
        let stories = plan.stories()
        let faults = try await run.play(
            stories, errands: DemoErrands.all(stories, content, from: since, until: now), until: now,
            progress: progress)
        let names = Dictionary(
            content.organizations.map { ($0.id, $0.name.en) }, uniquingKeysWith: { a, _ in a })
        let signIns = content.people.sorted { a, b in
            let isFirst = [a.login == a.role, b.login == b.role]
            return isFirst[0] != isFirst[1] ? isFirst[0] : (a.role, a.login) < (b.role, b.login)
        }
        .map {
            SignIn(
                login: $0.login, role: $0.role, name: $0.name.en, organization: names[$0.organisation] ?? "")
        }
        return Made(signIns: signIns, faults: faults)
    }

    /// The sign-ins as a table, the password once above it.
    static func table(_ rows: [SignIn], password: String) -> String {
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        var out = "password of all: \(password)\n\n"
        out += pad("login", 20) + pad("role", 18) + pad("name", 24) + "organisation\n"
        for row in rows {
            out += pad(row.login, 20) + pad(row.role, 18) + pad(row.name, 24) + row.organization + "\n"
        }
        return out
    }

    /// Three groups that are easily typed, 60 random bits.
    static func password() -> String {
        let letters = Array("abcdefghjkmnpqrstuvwxyz23456789ABC")
        let picked = Secrets.random(12).map { letters[Int($0) % 32] }
        return [0, 4, 8].map { String(picked[$0..<($0 + 4)]) }.joined(separator: "-")
    }
}
