import Base
import Store

/// `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the key, its answer and its effect
/// commit together, so a crash leaves none or all of them.
enum Idempotency {
    static let migration = Migration(
        "web-001",
        """
        create table idempotency (
          account_id {text} not null, key {text} not null, content_hash {text} not null,
          status {int} not null, headers {text} not null, body {blob} not null, at {int} not null,
          primary key (account_id, key)
        ) {table};
        create index idempotency_at on idempotency (at);
        """)

    static let keptFor = Span.hours(24)

    /// Stands for the status of an answer that told a one-time secret and was therefore not kept.
    private static let untold = 0

    /// The hash of the content and the first answer, where this key was used before; no answer where it
    /// told a secret.
    static func kept(_ key: String, account: String, _ tx: Transaction) throws -> (
        hash: String, Reply?
    )? {
        let kept = try tx.first(
            """
            select content_hash, status, headers, body from idempotency
            where account_id = \(account) and key = \(key) and at > \(tx.now - keptFor)
            """
        ) { r in (r.text(), r.count(), r.json(), r.blob()) }
        guard let kept else { return nil }
        guard kept.1 != untold else { return (kept.0, nil) }
        let headers = (kept.2.members ?? []).map { ($0.name, $0.value.string ?? "") }
        let reply = Reply(
            status: kept.1, headers: headers + [("Idempotency-Replayed", "true")], body: .bytes(kept.3))
        return (kept.0, reply)
    }

    static func keep(_ key: String, account: String, hash: String, _ reply: Reply, _ tx: Transaction) throws {
        guard case .bytes(let told) = reply.body else { return }
        let body = reply.isSecret ? [] : told
        let status = reply.isSecret ? untold : reply.status
        let headers =
            reply.isSecret ? "{}" : JSON.object(reply.headers.map { JSON.Member($0.0, .string($0.1)) }).text
        try tx.run("delete from idempotency where account_id = \(account) and key = \(key)")
        try tx.run(
            """
            insert into idempotency (account_id, key, content_hash, status, headers, body, at)
            values (\(account), \(key), \(hash), \(status), \(headers), \(body), \(tx.now))
            """)
    }
}

extension Call {
    /// Makes a change once per `Idempotency-Key` of the caller: the same content gets the first answer
    /// again, other content 422. Without a key it is simply made.
    ///
    /// Rights come before all that: an answer outlives no right to it, and a key tells nobody of what
    /// they may not see. So the step is tried once more, as far as its refusal, and always undone.
    public func once(_ content: [UInt8], _ tx: Transaction, _ body: () throws -> Reply) throws -> Reply {
        guard surface == .api, let key = headers["idempotency-key"], let account = caller?.actor.id?.text
        else { return try body() }
        let hash = Secrets.hex(Secrets.sha256(Array("\(method) \(path)\u{0}".utf8) + content))
        guard (1...200).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            try tryRights(body)
            throw Failure.invalid("Idempotency-Key", "idempotency.key")
        }
        if let kept = try Idempotency.kept(key, account: account, tx) {
            try tryRights(body)
            if case .refused(let failure) = self.content { throw failure }
            guard kept.hash == hash else { throw Failure(.invalid, "idempotency.other_content") }
            guard let first = kept.1 else { throw Failure.conflict("idempotency.secret") }
            throw Replayed(reply: first)
        }
        let reply = try body()
        try Idempotency.keep(key, account: account, hash: hash, reply, tx)
        return reply
    }
}

extension Call {
    /// Passes on only the refusals that come from rights: the state has moved since the first time.
    private func tryRights(_ body: () throws -> Reply) throws {
        do {
            _ = try body()
        } catch let failure as Failure {
            switch failure.kind {
            case .unauthenticated, .forbidden: throw failure
            // What was taken away the first time is not there the second.
            case .notFound: if method != "DELETE" { throw failure }
            default: break
            }
        } catch let error as EngineError {
            guard error.kind == .uniqueViolation else { throw error }
        }
    }
}

/// Ends a transaction with an answer that was given before: whatever was tried in it is undone.
struct Replayed: Error {
    let reply: Reply
}

/// The kit's own tables and housekeeping.
public enum WebMigrations {
    public static let all = [Idempotency.migration, Throttle.migration]

    /// Forgets keys and tries older than a day.
    public static func sweep(_ tx: Transaction) throws {
        try tx.run("delete from idempotency where at <= \(tx.now - Idempotency.keptFor)")
        try Throttle.sweep(tx)
    }
}
