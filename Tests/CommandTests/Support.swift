import Base
import Foundation
import People
import ServiceLevels
import Store
import TestKit
import Testing
import Tickets

let now = Instant(seconds: 1_772_000_000)

/// A new place of its own with the schema of all areas; gone with the value.
final class Place: Sendable {
    let folder: URL
    private let opened: Locked<Store?> = Locked(nil)

    /// - Parameter isEmpty: nothing but a folder
    init(isEmpty: Bool = false) async throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("fettle-test-" + Secrets.token().prefix(12))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if isEmpty { return }
        try await reopen()
        try await store.migrate(
            StoreMigrations.all + People.migrations + LevelsMigrations.all + TicketMigrations.all)
        try await store.write(by: .system("test")) { tx in try ServiceLevels.seed(tx) }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var store: Store {
        get throws { try #require(opened.withLock { $0 }) }
    }

    /// Opens the database that lies there.
    func reopen() async throws {
        let engine = try await TestEngine.open(folder.path)
        let store = Store(engine: engine, clock: { now })
        opened.withLock { $0 = store }
    }

    func file(_ name: String, _ text: String) throws -> String {
        let path = folder.appendingPathComponent(name).path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await store.read(by: .system("test"), body)
    }

    /// The organisation Rift and its customer `grace`; a token of hers.
    func addCustomer() async throws -> String {
        _ = try await store.write(by: .system("test")) { tx in
            try People.add(NewOrganization(.customer, name: "Rift"), tx)
        }
        try await People.createAccount(
            login: "grace", name: "Grace", roles: [.customer], organization: "Rift",
            password: "correct horse 42", mustChange: false, store)
        return try await People.createToken(login: "grace", store)
    }

    /// Changes the database behind everybody's back.
    func damage(_ sql: SQL) async throws {
        _ = try await store.engine.write { try $0.execute(sql) }
    }
}

/// The root of the package.
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// The folder of public data beside the package; nil where it is not there.
let sharedData: URL? = {
    let url = root.deletingLastPathComponent().appendingPathComponent("shared/data")
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
}()

func incidentMap() throws -> IncidentMap {
    let data = try Data(contentsOf: root.appendingPathComponent("Examples/incident-log.map.json"))
    return try IncidentMap(json: JSON.parse(data))
}

/// The program that was built with these tests.
let program: String? = {
    let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let places = [
        beside.appendingPathComponent("fettle"), root.appendingPathComponent(".build/debug/fettle"),
        root.appendingPathComponent(".build/release/fettle"),
    ]
    return places.map(\.path).first { FileManager.default.isExecutableFile(atPath: $0) }
}()

struct Ran: Sendable {
    var code: Int32
    var out: String
    var err: String
}

/// Runs the program to its end.
func fettle(
    _ arguments: [String], data: String, in folder: URL? = nil, more: [String: String] = [:]
) async throws -> Ran {
    let program = try #require(program)
    let place = try await TestEngine.environment(data)
    return try await withCheckedThrowingContinuation { done in
        Thread.detachNewThread {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = arguments
            process.environment = ["LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"]
                .merging(place) { $1 }.merging(more) { $1 }
            if let folder { process.currentDirectoryURL = folder }
            let (out, err) = (Pipe(), Pipe())
            process.standardOutput = out
            process.standardError = err
            do {
                try process.run()
                let text = out.fileHandleForReading.readDataToEndOfFile()
                let notes = err.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                done.resume(
                    returning: Ran(
                        code: process.terminationStatus, out: String(decoding: text, as: UTF8.self),
                        err: String(decoding: notes, as: UTF8.self)))
            } catch { done.resume(throwing: error) }
        }
    }
}
