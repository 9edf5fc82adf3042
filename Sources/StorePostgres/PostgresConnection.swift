import Base
import CPQ
import Foundation
import Store

/// One connection to the server, owned by one thread at a time. Statements are prepared once and kept by
/// their text and the types of their values; values and rows travel in the binary format.
final class PostgresConnection: Connection {
    private struct Prepared: Hashable {
        var text: String
        var types: [UInt32]
    }

    let pq: LibPQ
    let raw: OpaquePointer
    private var prepared: [Prepared: String] = [:]
    /// Lists of differing length make differing texts; a server keeps each until it is told otherwise.
    private static let mostPrepared = 1500
    private var types: [String: [UInt32]] = [:]
    /// A `begin` that travels with the first statement, which saves a journey to the server.
    private var opening: String?
    private var isEnding = false
    private var cursors = 0
    /// The server's last words beside an answer: a warning on a commit means that its fate is unknown.
    private let notice = Locked<String?>(nil)

    /// The server's line of succession: a standby that takes over begins the next one.
    private(set) var timeline = 0

    /// - Parameter host: the one of its servers to ask
    init(_ address: PostgresAddress, _ host: PostgresAddress.Host, _ pq: LibPQ) throws {
        self.pq = pq
        // Of a word that is said twice the later one counts: the address may say otherwise.
        var options = [
            ("application_name", "fettle"), ("connect_timeout", "5"), ("keepalives_idle", "10"),
            ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "15000"),
            ("target_session_attrs", "read-write"), ("client_encoding", "UTF8"),
        ]
        options += address.options.map { ($0.name, $0.value) }
        if !host.name.isEmpty { options.append(("host", host.name)) }
        options.append(("port", host.port))
        let made = withWords(options.map(\.0)) { names in
            withWords(options.map(\.1)) { values in pq.connectdbParams(names, values, 0) }
        }
        guard let made else { throw EngineError(.unavailable, "no memory for a connection") }
        raw = made
        guard pq.status(raw) == CONNECTION_OK else {
            // The line itself is ended with this object, which is whole already.
            let said = PostgresConnection.firstLine(pq.errorMessage(raw))
            throw EngineError(PostgresConnection.isMistake(said) ? .unsuitable : .unavailable, said)
        }
        _ = pq.setNoticeReceiver(
            raw,
            { context, result in
                guard let context, let result else { return }
                let kept = Unmanaged<Locked<String?>>.fromOpaque(context).takeUnretainedValue()
                guard let library = try? LibPQ.load(),
                    let level = library.resultErrorField(result, 0x56).map({ String(cString: $0) }),
                    level == "WARNING"
                else { return }
                let text = library.resultErrorField(result, 0x4D).map { String(cString: $0) } ?? level
                kept.withLock { $0 = text }
            }, Unmanaged.passUnretained(notice).toOpaque())
        try script(
            """
            set jit = off; set cursor_tuple_fraction = 1; set work_mem = '16MB'; set statement_timeout = 0;
            set idle_session_timeout = 0; set idle_in_transaction_session_timeout = '60s';
            set lock_timeout = '20s'
            """
        )
        // The first eight digits of a log file's name are its timeline.
        try query("select substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)") {
            timeline = Int($0.text(), radix: 16) ?? 0
            return false
        }
    }

    deinit { pq.finish(raw) }

    /// What libpq says first; what follows is guesswork about causes.
    private static func firstLine(_ said: UnsafePointer<CChar>?) -> String {
        let line = said.map { String(cString: $0) }?.split(whereSeparator: \.isNewline).first?.trimmed ?? ""
        return line.hasSuffix("session is read-only")
            ? line + " (a standby, or default_transaction_read_only is set for this user or database)" : line
    }

    /// What nobody but the house's keeper can mend by writing another address.
    private static func isMistake(_ said: String) -> Bool {
        [
            "password", "authentication", "pg_hba", "does not exist", "invalid", "could not translate host",
            "role ", "certificate", "SSL",
        ].contains { said.contains($0) }
    }

    var isAlive: Bool { pq.status(raw) == CONNECTION_OK }
    var version: Int { Int(pq.serverVersion(raw)) }
    func parameter(_ name: String) -> String {
        pq.parameterStatus(raw, name).map { String(cString: $0) } ?? ""
    }

    // MARK: Transactions

    /// Opens a transaction with the first statement of it.
    func begin(_ kind: Kind) throws {
        try settle()
        opening = kind.rawValue
    }

    enum Kind: String {
        case reading = "begin isolation level repeatable read read only"
        case writing = "begin isolation level serializable"
        /// Each statement sees what is committed when it begins.
        case steps = "begin isolation level read committed"
        /// One state of the data, and no part in what serialisable transactions keep of each other: one of
        /// them that lasts would make the server keep all that ran beside it.
        case long = "begin isolation level repeatable read"
    }

    /// Makes the transaction durable. A broken line or a warning here means that nobody knows.
    func commit() throws {
        guard opening == nil else {
            opening = nil
            return
        }
        notice.withLock { $0 = nil }
        let result: PostgresResult
        do {
            result = try checked(pq.exec(raw, "commit"))
        } catch let error as EngineError where error.kind == .unavailable {
            throw EngineError(.unknownCommit, error.message)
        }
        if let warning = notice.withLock({ $0 }) { throw EngineError(.unknownCommit, warning) }
        guard result.command == "COMMIT" else { throw EngineError(.other, "commit was a rollback") }
    }

    /// Ends a transaction that only read; the answer is awaited when the connection is used next.
    func endReading() {
        guard opening == nil else {
            opening = nil
            return
        }
        isEnding = pq.sendQueryParams(raw, "commit", 0, nil, nil, nil, nil, 1) == 1
    }

    /// Undoes what was begun. A connection that cannot even do that is not used again.
    func rollback() {
        opening = nil
        guard isAlive, (try? settle()) != nil, pq.transactionStatus(raw) != PQTRANS_IDLE else { return }
        if let result = pq.exec(raw, "rollback") { pq.clear(result) }
    }

    private func settle() throws {
        guard isEnding else { return }
        isEnding = false
        while let result = pq.getResult(raw) { pq.clear(result) }
        guard isAlive else { throw lost() }
    }

    // MARK: Statements

    func query(_ sql: SQL, _ each: (inout Row) throws -> Bool) throws {
        let result = try run(sql)
        for i in 0..<result.count {
            var row = Row(PostgresRow(result: result, row: i))
            if try !each(&row) { return }
        }
    }

    func execute(_ sql: SQL) throws -> Int { try run(sql).changed }

    /// Through a cursor of the server, some rows at a time.
    func stream(_ sql: SQL, _ each: (inout Row) throws -> Bool) throws {
        cursors += 1
        let name = "fettle_\(cursors)"
        _ = try run("declare \(name) no scroll cursor for " + PostgresText.numbered(sql.text), sql.values)
        defer { if isAlive, pq.transactionStatus(raw) == PQTRANS_INTRANS { try? script("close \(name)") } }
        while true {
            let part = try run("fetch forward 500 from \(name)", [], keeps: false)
            if part.count == 0 { return }
            for i in 0..<part.count {
                var row = Row(PostgresRow(result: part, row: i))
                if try !each(&row) { return }
            }
        }
    }

    /// A statement that is a transaction of its own.
    func once(_ sql: SQL) throws { _ = try run(sql) }

    func executeScript(_ text: String) throws {
        if let begin = opening {
            opening = nil
            try script(begin)
        }
        try script(text)
    }

    private func script(_ text: String) throws { _ = try checked(pq.exec(raw, text)) }

    private func run(_ sql: SQL) throws -> PostgresResult {
        try run(PostgresText.numbered(sql.text), sql.values)
    }

    private func run(_ text: String, _ values: [Value], keeps: Bool = true) throws -> PostgresResult {
        try settle()
        let name = try keeps ? statement(text, values) : ""
        return try PostgresValues.with(values) { count, pointers, lengths, formats in
            if let begin = opening {
                opening = nil
                return try both(begin) {
                    pq.sendQueryPrepared(raw, name, count, pointers, lengths, formats, 1)
                }
            }
            guard keeps else {
                guard pq.sendQueryParams(raw, text, count, nil, pointers, lengths, formats, 1) == 1 else {
                    throw lost()
                }
                return try last()
            }
            return try checked(pq.execPrepared(raw, name, count, pointers, lengths, formats, 1))
        }
    }

    /// Two commands in one journey; the second one's answer.
    private func both(_ first: String, _ second: () -> Int32) throws -> PostgresResult {
        guard pq.enterPipeline(raw) == 1 else { throw lost() }
        defer { _ = pq.exitPipeline(raw) }
        guard pq.sendQueryParams(raw, first, 0, nil, nil, nil, nil, 1) == 1, second() == 1,
            pq.pipelineSync(raw) == 1
        else { throw lost() }
        var answers: [PostgresResult] = []
        var failure: (any Error)?
        // Each command's results end with a null; the sync's own comes last.
        reading: while true {
            guard let result = pq.getResult(raw) else {
                if isAlive { continue }
                throw lost()
            }
            switch pq.resultStatus(result) {
            case PGRES_PIPELINE_SYNC:
                pq.clear(result)
                break reading
            case PGRES_PIPELINE_ABORTED: pq.clear(result)
            default:
                do { answers.append(try checked(result)) } catch { failure = failure ?? error }
            }
        }
        if let failure { throw failure }
        guard answers.count == 2 else { throw lost() }
        return answers[1]
    }

    private func last() throws -> PostgresResult {
        var answer: PostgresResult?
        var failure: (any Error)?
        while let result = pq.getResult(raw) {
            do { answer = try checked(result) } catch { failure = error }
        }
        if let failure { throw failure }
        guard let answer else { throw lost() }
        return answer
    }

    private func statement(_ text: String, _ values: [Value]) throws -> String {
        let key = Prepared(text: text, types: values.map(PostgresType.of))
        if let name = prepared[key] { return name }
        // Inside the transaction of the statement, or a refused one would leave it half open.
        if let begin = opening {
            opening = nil
            try script(begin)
        }
        if prepared.count >= PostgresConnection.mostPrepared {
            try script("deallocate all")
            prepared.removeAll(keepingCapacity: true)
        }
        let name = "s\(prepared.count)"
        _ = try checked(pq.prepare(raw, name, text, Int32(key.types.count), key.types))
        prepared[key] = name
        return name
    }

    // MARK: Loading

    /// By COPY, in its binary format.
    func insert(_ rows: [[Value]], into words: Words) throws {
        guard !rows.isEmpty else { return }
        let table = words.table
        let types = try columnTypes(table)
        if let begin = opening {
            opening = nil
            try script(begin)
        }
        let command =
            "copy \(table.name) (\(table.columns.joined(separator: ", "))) from stdin (format binary)"
        guard let started = pq.exec(raw, command) else { throw lost() }
        guard pq.resultStatus(started) == PGRES_COPY_IN else {
            _ = try checked(started)
            throw lost()
        }
        pq.clear(started)
        var buffer = PostgresValues.copyHeader
        for row in rows {
            PostgresValues.append(row: row, types, to: &buffer)
            if buffer.count > 1 << 18 { try put(&buffer) }
        }
        buffer += [0xFF, 0xFF]
        try put(&buffer)
        guard pq.putCopyEnd(raw, nil) == 1 else { throw lost() }
        _ = try last()
    }

    private func columnTypes(_ table: TableShape) throws -> [UInt32] {
        if let known = types[table.name] { return known }
        var byName: [String: UInt32] = [:]
        try query(
            """
            select attname::text, atttypid::bigint from pg_attribute
            where attrelid = to_regclass(\(table.name)) and attnum > 0 and not attisdropped
            """
        ) {
            byName[$0.text()] = UInt32(truncatingIfNeeded: $0.int())
            return true
        }
        let found = table.columns.map { byName[$0] ?? 0 }
        types[table.name] = found
        return found
    }

    private func put(_ buffer: inout [UInt8]) throws {
        let sent = buffer.withUnsafeBytes {
            pq.putCopyData(raw, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
        }
        buffer.removeAll(keepingCapacity: true)
        guard sent == 1 else { throw lost() }
    }

    // MARK: Answers

    private func checked(_ result: OpaquePointer?) throws -> PostgresResult {
        guard let result else { throw lost() }
        switch pq.resultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK: return PostgresResult(result, pq)
        default:
            defer { pq.clear(result) }
            let state = pq.resultErrorField(result, 0x43).map { String(cString: $0) } ?? ""
            let said = pq.resultErrorField(result, 0x4D).map { String(cString: $0) } ?? ""
            guard isAlive || !state.isEmpty else { throw lost() }
            throw EngineError(PostgresConnection.kind(state), "\(state) \(said)")
        }
    }

    private func lost() -> EngineError {
        let said = PostgresConnection.firstLine(pq.errorMessage(raw))
        return EngineError(.unavailable, said.isEmpty ? "the line to the server broke" : said)
    }

    /// Appendix A of the PostgreSQL documentation.
    static func kind(_ state: String) -> EngineError.Kind {
        switch state {
        case "23505": .uniqueViolation
        case "40001", "40P01", "55P03": .busy
        case "53100": .diskFull
        case "53200", "53300", "25006", "57014": .unavailable
        case "XX001", "XX002": .corrupt
        default: state.hasPrefix("08") || state.hasPrefix("57P") ? .unavailable : .other
        }
    }

    // MARK: Notifications

    /// Waits for the server's word, or for so long: what it was told.
    func waitForNotices(milliseconds: Int32) throws -> [String] {
        var watched = pollfd(fd: pq.socket(raw), events: Int16(POLLIN), revents: 0)
        if poll(&watched, 1, milliseconds) < 0, errno != EINTR { throw lost() }
        guard pq.consumeInput(raw) == 1, isAlive else { throw lost() }
        var heard: [String] = []
        while let note = pq.notifies(raw) {
            heard.append(note.pointee.extra.map { String(cString: $0) } ?? "")
            pq.freemem(note)
        }
        return heard
    }
}
