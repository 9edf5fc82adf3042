import Base
import Foundation
import People
import Store
import TestKit
import Web

@testable import Inventory

/// A store of its own with some places and parts, and a clock that stands still.
struct Depot {
    let store: Store
    let clock: TestClock
    let folder: String

    static func open(at now: Instant = House.morning) async throws -> Depot {
        let clock = TestClock(now)
        let folder = NSTemporaryDirectory() + "fettle-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let store = Store(engine: try await TestEngine.open(folder), clock: { clock.now })
        try await store.migrate(
            StoreMigrations.all + WebMigrations.all + People.migrations + InventoryMigrations.all)
        return Depot(store: store, clock: clock, folder: folder)
    }

    func close() async {
        await store.engine.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    @discardableResult
    func write<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await store.write(by: .system("test"), body)
    }

    func verify() async throws -> [String] {
        try await store.read(by: .system("test")) { try Inventory.verify($0).faults }
    }
}

/// Short ways to post.
extension Inventory {
    @discardableResult
    static func posted(
        _ kind: StockDocument.Kind, _ place: StockPlace, to: StockPlace? = nil, _ lines: [LineInput],
        _ tx: Transaction
    ) throws -> StockDocument {
        try draw(
            kind,
            DocumentInput(place: place.id, toPlace: to?.id, reason: "a trial", lines: lines, submit: true),
            InventoryNeighbours(), tx)
    }
}

extension LineInput {
    init(_ part: Part, _ quantity: Int64, cost: Int64? = nil, serial: String? = nil, batch: String? = nil) {
        self.init(part: part.id, quantity: quantity, serial: serial, batch: batch)
        unitCostMinor = cost
    }
}
