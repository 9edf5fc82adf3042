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
            if place.isEmpty {
                findings.append(Finding(what: "database: none yet", remedy: nil))
            } else {
                do {
                    findings += try await database()
                } catch let error as EngineError {
                    findings.append(
                        Finding(
                            what: "database: \(error.message)",
                            remedy: error.kind == .busy
                                ? "another program holds it: stop that one and look again"
                                : "keep the folder as it is and restore the last backup elsewhere"))
                }
            }
            for f in findings {
                Terminal.out((f.remedy == nil ? "ok    " : "wrong ") + f.what)
                if let remedy = f.remedy { Terminal.out("      → " + remedy) }
            }
            if findings.contains(where: { $0.remedy != nil }) { throw ExitCode(1) }
        }
    }

    /// Folder, disk, time.
    private func machine() -> [Finding] {
        let manager = FileManager.default
        var out: [Finding] = []
        let probe = place.folder + "/.doctor-\(getpid())"
        try? place.make()
        let isWritable = manager.createFile(atPath: probe, contents: Data())
        try? manager.removeItem(atPath: probe)
        out.append(
            Finding(
                what: "folder \(place.folder): \(isWritable ? "writable" : "cannot be written")",
                remedy: isWritable
                    ? nil : "give it to the account that runs fettle: chown -R USER \(place.folder)"))
        let attributes = try? manager.attributesOfFileSystem(forPath: place.folder)
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
        let engine = try SQLiteEngine(path: place.database)
        var out: [Finding] = []
        let mode = try engine.synchronousMode()
        out.append(
            Finding(
                what: "synchronous: \(mode == 2 ? "FULL" : String(mode))",
                remedy: mode == 2 ? nil : "this build does not keep what it acknowledges: install another"))
        let now = World.now()
        let (version, damage, applied) = try await engine.read { connection in
            var version = ""
            var damage: [String] = []
            var applied = Set<String>()
            try connection.query("select sqlite_version()") {
                version = $0.text()
                return false
            }
            try connection.query("pragma quick_check") {
                let line = $0.text()
                if line != "ok" { damage.append(line) }
                return damage.count < 3
            }
            try connection.query("select id from schema_migration") {
                applied.insert($0.text())
                return true
            }
            return (version, damage, applied)
        }
        let parts = version.split(separator: ".").compactMap { Int($0) }
        let isRecent = parts.count > 1 && (parts[0], parts[1]) >= (3, 40)
        out.append(
            Finding(
                what: "SQLite: \(version)",
                remedy: isRecent ? nil : "install libsqlite3 3.40 or newer"))
        out.append(
            Finding(
                what: "database: \(damage.isEmpty ? "sound" : damage.joined(separator: "; "))",
                remedy: damage.isEmpty
                    ? nil : "stop serving, keep the folder as it is and restore the last backup elsewhere"))
        let due = Areas.migrations.map(\.id).filter { !applied.contains($0) }
        out.append(
            Finding(
                what: "schema: \(due.isEmpty ? "current" : "\(due.count) steps behind")",
                remedy: due.isEmpty ? nil : "fettle migrate"))
        if due.isEmpty {
            let store = Store(engine: engine, clock: { now })
            out += try await store.read(by: .system("doctor")) { try DoctorCommand.house($0) }
        }
        await engine.close()
        return out
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
