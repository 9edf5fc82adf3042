import Base
import Store
import Web

@testable import Inventory

/// Something of every kind that stock is made of.
enum StockScene {
    static func make(_ tx: Transaction) throws -> [String: String] {
        var oil = PartInput(number: "OIL-1", name: "转台润滑脂", unit: "kg", tracking: .batch)
        oil.priceMinor = .set(12_000)
        let batched = try Inventory.add(oil, tx)
        let part = try Inventory.add(PartInput(number: "FAN-92-24", name: "驱动器散热风扇"), tx)
        let store = try Inventory.add(PlaceInput(.store, name: "南京备件库"), tx)
        let depot = try Inventory.add(PlaceInput(.depot, name: "成都备件库"), tx)
        var line = LineInput(part: batched.id, quantity: 3, batch: "B-1")
        line.expiresOn = Inventory.today("UTC", tx) + 90
        _ = try Inventory.draw(
            .receipt, DocumentInput(place: store.id, lines: [line], submit: true), InventoryNeighbours(), tx)
        var out = ["parts": batched.id.text, "places": store.id.text]
        for (path, kind) in Inventory.paths {
            var input = DocumentInput(
                place: store.id, toPlace: kind == .transfer ? depot.id : nil, reason: "a trial",
                lines: [LineInput(part: part.id, quantity: 1)])
            if kind == .statusChange { input.lines[0].toStatus = .quarantine }
            out[path] = try Inventory.draw(kind, input, InventoryNeighbours(), tx).id.text
        }
        let reservation = ReservationInput(part: batched.id, place: store.id, quantity: 1)
        out["reservations"] = try Inventory.reserve(reservation, tx).id.text
        out["stock-checks"] = try Inventory.begin(CheckInput(.blind, place: depot.id), tx).id
        let returned = try tx.stockDocument(out["returns"] ?? "")
        out["rmas"] = returned?.lines.first?.rma
        return out
    }
}
