import ArgumentParser
import Base
import Foundation
import Store
import StoreSQLite

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Says what is wrong here and how to mend it; 0 where nothing is.")

    @OptionGroup var place: Place

    /// One look: what is so, and how to mend it where it is wrong.
    private struct Finding {
        var what: String
        var remedy: String?
    }

    func run() async throws {
        try await Terminal.run {
            var findings = machine()
            do {
                if try await place.isEmpty() {
                    findings.append(Finding(what: "database: none yet", remedy: nil))
                } else {
                    findings += try await database()
                }
            } catch let error as EngineError {
                findings.append(
                    Finding(
                        what: "database: \(error.message)",
                        remedy: DoctorCommand.remedy(error.kind)))
            }
            for f in findings {
                Terminal.out((f.remedy == nil ? "ok    " : "wrong ") + f.what)
                if let remedy = f.remedy { Terminal.out("      → " + remedy) }
            }
            if findings.contains(where: { $0.remedy != nil }) { throw ExitCode(1) }
        }
    }

    private static func remedy(_ kind: EngineError.Kind) -> String {
        switch kind {
        case .busy: "another program holds it: stop that one and look again"
        case .corrupt: "keep the folder as it is and restore the last backup elsewhere"
        default: "see to what it says and look again"
        }
    }

    private func disk(_ folder: String) -> [Finding] {
        let manager = FileManager.default
        let probe = folder + "/.doctor-\(getpid())"
        try? place.make()
        let isWritable = manager.createFile(atPath: probe, contents: Data())
        try? manager.removeItem(atPath: probe)
        var out = [
            Finding(
                what: "folder \(folder): \(isWritable ? "writable" : "cannot be written")",
                remedy: isWritable
                    ? nil : "give it to the account that runs fettle: chown -R USER \(folder)")
        ]
        let attributes = try? manager.attributesOfFileSystem(forPath: folder)
        if let free = attributes?[.systemFreeSize] as? Int64 {
            let size = (try? manager.attributesOfItem(atPath: place.database)[.size] as? Int64) ?? 0
            let wanted = max(512 << 20, size / 4)
            out.append(
                Finding(
                    what: "disk: \(free >> 20) MiB free",
                    remedy: free >= wanted
                        ? nil
                        : "make room until \(wanted >> 20) MiB are free; a full disk refuses every change"))
        }
        return out
    }

    /// The folder where there is one; time and its zones.
    private func machine() -> [Finding] {
        var out = place.folder.map(disk) ?? []
        let zones = ["Asia/Shanghai", "America/Sao_Paulo", "Europe/Berlin"].filter { Zone($0) == nil }
        out.append(
            Finding(
                what: "time zones: \(zones.isEmpty ? "present" : "missing \(zones.joined(separator: ", "))")",
                remedy: zones.isEmpty ? nil : "install the time zone data: apt-get install tzdata"))
        let now = World.now()
        let isSane = now > Instant(seconds: 1_767_225_600) && now < Instant(seconds: 4_102_444_800)
        out.append(
            Finding(
                what: "clock: \(now.rfc3339)",
                remedy: isSane ? nil : "set the machine's clock: timedatectl set-ntp true"))
        return out
    }

    private func database() async throws -> [Finding] {
        let engine = try await place.engine()
        do {
            var out =
                if let file = engine as? SQLiteEngine { try await self.file(file) } else {
                    try await server(engine)
                }
            let now = World.now()
            let store = Store(engine: engine, clock: { now })
            let state = try await store.read(by: .system("doctor")) { try $0.schemaState(Areas.migrations) }
            out.append(DoctorCommand.schema(state))
            if Health.obstacle(state) == nil {
                out += try await store.read(by: .system("doctor")) { try DoctorCommand.house($0) }
            }
            await engine.close()
            return out
        } catch {
            await engine.close()
            throw error
        }
    }

    private static func schema(_ state: SchemaState) -> Finding {
        if state.isMoving {
            return Finding(
                what: "schema: a world is being moved in",
                remedy: "give the same fettle migrate or restore again")
        }
        if state.isTooNew {
            return Finding(what: "schema: of a newer version", remedy: "install that version of fettle")
        }
        let newer = state.newer.isEmpty ? "" : ", \(state.newer.count) steps of a newer version"
        return Finding(
            what:
                "schema: \(state.missing.isEmpty ? "current" : "\(state.missing.count) steps behind")\(newer)",
            remedy: state.missing.isEmpty ? nil : "fettle migrate")
    }

    private func file(_ engine: SQLiteEngine) async throws -> [Finding] {
        let mode = try engine.synchronousMode()
        let (version, damage) = try await engine.read { connection in
            var version = ""
            var damage: [String] = []
            try connection.query("select sqlite_version()") {
                version = $0.text()
                return false
            }
            try connection.query("pragma quick_check") {
                let line = $0.text()
                if line != "ok" { damage.append(line) }
                return damage.count < 3
            }
            return (version, damage)
        }
        let parts = version.split(separator: ".").compactMap { Int($0) }
        let isRecent = parts.count > 1 && (parts[0], parts[1]) >= (3, 40)
        return [
            Finding(
                what: "synchronous: \(mode == 2 ? "FULL" : String(mode))",
                remedy: mode == 2 ? nil : "this build does not keep what it acknowledges: install another"),
            Finding(what: "SQLite: \(version)", remedy: isRecent ? nil : "install libsqlite3 3.40 or newer"),
            Finding(
                what: "database: \(damage.isEmpty ? "sound" : damage.joined(separator: "; "))",
                remedy: damage.isEmpty
                    ? nil : "stop serving, keep the folder as it is and restore the last backup elsewhere"),
        ]
    }

    /// What a server must be set to, so that an acknowledged write is never lost.
    private func server(_ engine: any Engine) async throws -> [Finding] {
        let settings = try await engine.read { connection in
            var out: [String: String] = [:]
            try connection.query(
                """
                select name, setting from pg_settings
                where name in ('server_version', 'fsync', 'full_page_writes', 'synchronous_commit',
                  'synchronous_standby_names', 'max_connections', 'max_pred_locks_per_transaction',
                  'random_page_cost')
                """
            ) {
                out[$0.text()] = $0.text()
                return true
            }
            return out
        }
        func must(_ name: String, _ isRight: (String) -> Bool, _ remedy: String) -> Finding {
            let value = settings[name] ?? "unknown"
            return Finding(what: "\(name): \(value)", remedy: isRight(value) ? nil : remedy)
        }
        func advice(_ name: String, _ words: String) -> Finding {
            Finding(what: "\(name): \(settings[name] ?? "unknown") (\(words))", remedy: nil)
        }
        let standbys = settings["synchronous_standby_names"] ?? ""
        return [
            Finding(
                what: "\(place.name): PostgreSQL \(settings["server_version"] ?? "")", remedy: nil),
            must("fsync", { $0 == "on" }, "set fsync = on: a power cut would lose what was acknowledged"),
            must("full_page_writes", { $0 == "on" }, "set full_page_writes = on"),
            must(
                "synchronous_commit", { ["on", "remote_apply"].contains($0) },
                "set synchronous_commit = on: what is acknowledged must be on disk"),
            Finding(
                what: "synchronous standbys: \(standbys.isEmpty ? "none" : standbys)", remedy: nil),
            advice("max_pred_locks_per_transaction", "1024 lets more writers work side by side"),
            advice("random_page_cost", "1.1 suits solid disks"),
        ]
    }

    /// What only a look into the data shows.
    private static func house(_ tx: Transaction) throws -> [Finding] {
        var out: [Finding] = []
        let last = try tx.first("select max(changed_at) from chain") { $0.instantOrNil() } ?? nil
        if let last, last > tx.now + .minutes(2) {
            out.append(
                Finding(
                    what: "clock: the history holds \(last.rfc3339), which is still to come",
                    remedy: "set the machine's clock: timedatectl set-ntp true"))
        }
        let administrators = try tx.int(
            """
            select count(distinct a.id) from post p join account a on a.id = p.account_id
            where p.role = 'administrator' and a.is_active = 1 and p.from_at <= \(tx.now)
              and (p.to_at is null or p.to_at > \(tx.now))
            """)
        out.append(
            Finding(
                what: "administrators: \(administrators)",
                remedy: administrators > 0 ? nil : "fettle user add LOGIN --role administrator"))
        try tx.each("select name, problem from schedule where problem is not null order by name") { r in
            out.append(
                Finding(
                    what: "job \(r.text()): \(r.text())",
                    remedy: "it is tried again at its next time; if it goes on, report what it says"))
        }
        let stuck = try tx.int("select count(*) from outbox where state = 'waiting' and attempts > 3")
        if stuck > 0 {
            out.append(
                Finding(
                    what: "outbox: \(stuck) facts are not handed on",
                    remedy: "see the log for why; they are tried again until they are"))
        }
        return out
    }
}
