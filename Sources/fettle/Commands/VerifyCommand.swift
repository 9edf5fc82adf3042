import ArgumentParser
import Base
import Foundation
import Inventory
import Store
import Tickets

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recomputes everything that can be recomputed; 0 where all is well, else 1 and the list.",
        discussion: """
            With --seal FILE: compares with the seals that the file holds and adds the next one. Keep the \
            file where nobody who can write to the database can write.
            """)

    @OptionGroup var place: Place
    @Option(help: "Compare with the seals in this file and add the next one.", completion: .file())
    var seal: String?

    func run() async throws {
        try await Terminal.run {
            let store = try await place.open()
            let known = try seal.map { try read($0) } ?? []
            // One state of the data for all checks; a running server goes on meanwhile.
            var (counts, faults) = try await store.read(by: .system("verify")) { tx in
                let history = try History.verify(tx)
                let seals = try Seal.verify(tx)
                let tickets = try TicketVerify.run(tx)
                var faults = history.faults + seals.faults + tickets.faults
                for seal in known { faults += try seal.faults(tx) }
                faults += Seal.gaps(known)
                return (
                    [
                        ("history rows", history.rows), ("seals", seals.seals),
                        ("tickets", tickets.tickets),
                    ], faults
                )
            }
            for check in Verification.more { try await check(store, &counts, &faults) }
            if let seal, faults.isEmpty {
                let isFirst = known.isEmpty
                let made = try await store.write(by: .system("verify")) { tx in
                    try Seal.make(everything: isFirst, since: known.last?.at, tx)
                }
                try await Terminal.writing(seal) { part in try write(known + [made], part) }
            }
            await store.engine.close()
            if faults.isEmpty {
                Terminal.out("ok: " + counts.map { "\($0.1) \($0.0)" }.joined(separator: ", "))
            } else {
                for fault in faults { Terminal.out(fault) }
                Terminal.note("\(faults.count) faults")
                throw ExitCode(1)
            }
        }
    }

    private func read(_ path: String) throws -> [Seal] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.notFound, "file.unreadable", ["file": path])
        }
        do {
            return try Seal.read(
                lines: String(decoding: data, as: UTF8.self).split(
                    separator: "\n", omittingEmptySubsequences: false
                ).map(String.init))
        } catch var failure as Failure {
            failure.arguments["file"] = path
            throw failure
        }
    }

    private func write(_ seals: [Seal], _ path: String) throws {
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw Failure(.internal, "file.unwritable", ["file": path])
        }
        defer { try? handle.close() }
        for seal in seals {
            var bytes: [UInt8] = []
            seal.write { bytes += Array(($0 + "\n").utf8) }
            try handle.write(contentsOf: Data(bytes))
        }
    }
}

/// What other areas add to `fettle verify`: each counts what it checked and names what is wrong.
enum Verification {
    typealias Check = @Sendable (Store, inout [(String, Int)], inout [String]) async throws -> Void
    static let more: [Check] = [stock]

    private static let stock: Check = { store, counts, faults in
        let found = try await store.read(by: .system("verify")) { try Inventory.verify($0) }
        counts.append(("stock movements", found.movements))
        faults += found.faults
    }
}
