import Base
import InstalledBase
import People
import Store
import Web

/// The form of a document while it is being written. Lines come as `lines.0.part_id` and so on; what was
/// scanned becomes a line, `do` says what the button was for: add, remove.N, draft or submit. Each press
/// shows the form anew with the lines so far, so that it needs no script.
enum StockDraftForm {
    /// Makes a document of the form, or shows the form with one line more or less.
    static func take(
        _ call: Call, _ neighbours: InventoryNeighbours, _ tx: Transaction,
        _ shown: (Call, Transaction) throws -> Reply
    ) throws -> Reply {
        guard kinds(tx.actor).first != nil else { throw Failure.forbidden() }
        guard let kind = StockDocument.Kind(rawValue: call.typed("kind") ?? ""), kind != .countDifference
        else {
            throw Failure.invalid("kind", "field.not_a_choice")
        }
        guard StockAccess.mayDrawSomewhere(kind, tx.actor) else { throw Failure.forbidden() }
        let filled = try Filled(call, tx)
        guard filled.isFinal else { return try shown(filled.call, tx) }
        let input = try filled.input()
        try requireAddressee(kind, input)
        let d = try Inventory.draw(kind, input, neighbours, tx)
        return .redirect("/stock/documents/\(d.number)?done=\(done(d))")
    }

    /// The same for a draft that is there already.
    static func retake(
        _ call: Call, _ neighbours: InventoryNeighbours, _ tx: Transaction,
        _ shown: (Call, Transaction) throws -> Reply
    ) throws -> Reply {
        let old = try Inventory.document(of: call, nil, tx)
        try Inventory.requireDrawer(old, tx)
        guard old.state == .draft, old.reversalOf == nil else { throw Inventory.wrongState(old) }
        try InventoryPages.requireVersion(old.version, call)
        let filled = try Filled(call, tx)
        guard filled.isFinal else { return try shown(filled.call, tx) }
        let input = try filled.input()
        try requireAddressee(old.kind, input)
        var d = try Inventory.redraw(old, input, neighbours, tx)
        if input.submit { d = try Inventory.submit(d, tx) }
        return .redirect("/stock/documents/\(d.number)?done=\(done(d))")
    }

    /// On a page nobody issues or lends something to nobody, whoever they are.
    private static func requireAddressee(_ kind: StockDocument.Kind, _ input: DocumentInput) throws {
        guard input.submit else { return }
        if kind == .issue, input.ticket == nil, input.partner == nil, input.reason == nil {
            throw Failure.invalid("ticket_id", "stock.for_whom")
        }
        if kind == .loan {
            try requireBorrower(ticket: input.ticket, partner: input.partner, dueOn: input.dueOn)
        }
    }

    /// What is lent is lent to somebody, until a day.
    static func requireBorrower(ticket: String?, partner: OrganizationID?, dueOn: Int?) throws {
        var faults = Faults()
        if ticket == nil, partner == nil { faults.add("ticket_id", "stock.borrower") }
        if dueOn == nil { faults.add("due_on", "field.required") }
        try faults.finish()
    }

    private static func done(_ d: StockDocument) -> String {
        switch d.state {
        case .draft: "stock_draft"
        case .submitted: "stock_submission"
        default: "stock_posting"
        }
    }

    /// What the actor may draw up anywhere.
    static func kinds(_ actor: Actor) -> [StockDocument.Kind] {
        StockDocument.Kind.allCases.filter {
            $0 != .countDifference && StockAccess.mayDrawSomewhere($0, actor) && (offers($0, actor))
        }
    }

    /// An engineer asks for what leaves a store or comes back from the field, and so on.
    private static func offers(_ kind: StockDocument.Kind, _ actor: Actor) -> Bool {
        if actor.hasAny(Roles([.keeper, .siteLead])) { return true }
        if kind == .statusChange { return actor.has(.quality) }
        return actor.has(.engineer) && [.issue, .transfer, .return, .loan, .shipment].contains(kind)
    }

    /// What was typed, with its lines in a row and what was scanned among them.
    struct Filled {
        private(set) var call: Call
        /// Written down or submitted, not merely shown again.
        let isFinal: Bool
        private var lines: [[(name: String, value: String)]]
        private let currency: String

        init(_ call: Call, _ tx: Transaction) throws {
            self.call = call
            currency = try Settings.currency(tx)
            lines = []
            let press = call.typed("do") ?? "add"
            isFinal = press == "draft" || press == "submit"
            guard case .form(let typed) = call.content else { return }
            let pairs = typed.filter { $0.name != "scanned" }
            var head: [(name: String, value: String)] = []
            var byPlace: [Int: [(name: String, value: String)]] = [:]
            for pair in pairs {
                let words = pair.name.split(separator: ".", omittingEmptySubsequences: false)
                if words.count == 3, words[0] == "lines", let i = Int(words[1]), (0..<1000).contains(i) {
                    byPlace[i, default: []].append((String(words[2]), pair.value))
                } else {
                    head.append(pair)
                }
            }
            if press.hasPrefix("remove."), let i = Int(press.dropFirst("remove.".count)) { byPlace[i] = nil }
            if press.hasPrefix("replace."), let i = Int(press.dropFirst("replace.".count)),
                let line = byPlace[i]
            {
                byPlace[i] = try Filled.replaced(line, at: call.typed("place_id"), tx)
            }
            lines = byPlace.sorted { $0.key < $1.key }.map(\.value).filter { line in
                line.contains { !$0.value.isEmpty }
            }
            let scan = (call.typed("scan") ?? "").trimmed
            if call.failure == nil, !scan.isEmpty, !press.hasPrefix("remove.") {
                let said = call.typed("scan_quantity") ?? ""
                switch try Scan.read(scan, tx) {
                case nil:
                    guard let part = try awaitsSerial(scan, tx) else {
                        throw Failure.invalid("scan", "stock.unknown_scan")
                    }
                    _ = try add(part, serial: CleanText.foldIdentifier(scan), batch: "", quantity: "")
                case .place(let id):
                    head.removeAll { $0.name == "place_id" }
                    head.append(("place_id", id.text))
                case .part(let part, let serial, let batch):
                    let line = try add(part, serial: serial, batch: batch, quantity: said)
                    if let line, said.isEmpty { head.append(("scanned", String(line))) }
                }
                head.removeAll { $0.name == "scan" || $0.name == "scan_quantity" }
            }
            head.removeAll { $0.name == "do" && !isFinal }
            let all = lines.enumerated().flatMap { i, line in line.map { ("lines.\(i).\($0.name)", $0.value) }
            }
            self.call.content = .form(head + all)
        }

        /// The line with the part's successor; number and batch were those of the part before.
        static func replaced(_ line: [(name: String, value: String)], at place: String?, _ tx: Transaction)
            throws -> [(name: String, value: String)]
        {
            guard let old = line.first(where: { $0.name == "part_id" })?.value,
                let next = try StockSuccessor.replacement(for: PartID(old), at: place, tx)
            else { return line }
            return line.filter { !["serial", "batch", "expires_on"].contains($0.name) }.map {
                $0.name == "part_id" ? ($0.name, next.id.text) : $0
            }
        }

        private typealias Line = [(name: String, value: String)]

        private static func value(_ line: Line, _ name: String) -> String {
            line.first { $0.name == name }?.value ?? ""
        }

        /// The part of which an unknown code is one more serial number: of parts that come in nobody knows
        /// the numbers yet. A line that has none comes first, then the part that was scanned last.
        private func awaitsSerial(_ scan: String, _ tx: Transaction) throws -> Part? {
            guard ["receipt", "return"].contains(call.typed("kind")), scan.utf8.count <= 200,
                !PlaceID.hasShape(scan), !PartID.hasShape(scan)
            else { return nil }
            let known = try tx.parts(Set(lines.map { PartID(Filled.value($0, "part_id")) }).sorted())
            let serials = lines.filter {
                known[PartID(Filled.value($0, "part_id"))]?.tracking == .serial
            }
            let open = serials.first { Filled.value($0, "serial").isEmpty }
            guard let line = open ?? lines.last else { return nil }
            return known[PartID(Filled.value(line, "part_id"))].flatMap { $0.tracking == .serial ? $0 : nil }
        }

        /// - Returns: the line of which one may say how much
        private mutating func add(_ part: Part, serial: String, batch: String, quantity: String) throws
            -> Int?
        {
            let count = quantity.isEmpty ? "1" : quantity
            let value = Filled.value
            // Scanned once more: one more of it.
            if serial.isEmpty, part.tracking != .serial,
                let i = lines.firstIndex(where: {
                    value($0, "part_id") == part.id.text
                        && CleanText.foldIdentifier(value($0, "batch")) == batch
                }),
                let at = lines[i].firstIndex(where: { $0.name == "quantity" }),
                let old = Int64(lines[i][at].value), let more = Int64(CleanText.foldIdentifier(count)),
                StockBounds.quantity.contains(old), StockBounds.quantity.contains(more)
            {
                lines[i][at].value = String(old + more)
                return i
            }
            let isThere =
                !serial.isEmpty
                && lines.contains {
                    value($0, "part_id") == part.id.text
                        && CleanText.foldIdentifier(value($0, "serial")) == serial
                }
            guard !isThere else { return nil }
            // A line that waits for its number takes it.
            if !serial.isEmpty,
                let i = lines.firstIndex(where: {
                    value($0, "part_id") == part.id.text && value($0, "serial").isEmpty
                })
            {
                lines[i].removeAll { $0.name == "serial" }
                lines[i].append(("serial", serial))
                return nil
            }
            let isSerial = part.tracking == .serial
            let pieces = isSerial && serial.isEmpty ? Int(CleanText.foldIdentifier(count)) ?? 0 : 1
            guard pieces > 0, pieces <= StockBounds.lines.upperBound,
                lines.count <= StockBounds.lines.upperBound - pieces
            else {
                throw Failure.invalid("scan", "stock.scan_count", ["n": String(StockBounds.lines.upperBound)])
            }
            for _ in 0..<pieces {
                lines.append([
                    ("part_id", part.id.text), ("quantity", isSerial ? "1" : count),
                    ("serial", serial), ("batch", batch),
                ])
            }
            return isSerial ? nil : lines.count - 1
        }

        /// Says a fault at the field in which it was typed.
        private static func asTyped<T>(_ body: () throws -> T) throws -> T {
            do {
                return try body()
            } catch let refused as Failure {
                var failure = refused
                for (name, typed) in [("unit_cost_minor", "unit_cost"), ("gross_weight_g", "gross_weight")] {
                    for i in failure.fields.indices where failure.fields[i].field.hasSuffix(name) {
                        failure.fields[i].field.removeLast(name.count)
                        failure.fields[i].field += typed
                    }
                }
                throw failure
            }
        }

        /// The content of a document; amounts are typed in the currency, not in its smallest unit.
        func input() throws -> DocumentInput {
            guard case .form(let pairs) = call.content else { return try call.input() }
            var read = call
            read.content = .form(
                pairs.flatMap { pair -> [(name: String, value: String)] in
                    if pair.value.isEmpty { return [pair] }
                    if pair.name.hasSuffix(".unit_cost") {
                        let minor = Money.minor(pair.value, currency).map(String.init)
                        return [(pair.name + "_minor", minor ?? pair.value + "?")]
                    }
                    if pair.name == "gross_weight" || pair.name.hasSuffix(".gross_weight") {
                        let grams = Weight.grams(pair.value).map(String.init)
                        return [(pair.name + "_g", grams ?? pair.value + "?")]
                    }
                    return [pair]
                })
            var input = try StockDraftForm.Filled.asTyped { try read.input(DocumentInput.self) }
            input.submit = call.typed("do") == "submit"
            return input
        }
    }

    /// What a scanned or typed text means.
    enum Scan {
        case part(Part, serial: String, batch: String)
        case place(PlaceID)

        /// A part by number, with its batch behind a bar; a serial number that lies somewhere; a place's label.
        static func read(_ text: String, _ tx: Transaction) throws -> Scan? {
            guard text.utf8.count <= 400 else { return nil }
            let pieces = text.split(separator: "|", maxSplits: 1).map { CleanText.foldIdentifier(String($0)) }
            guard let first = pieces.first, !first.isEmpty else { return nil }
            if PlaceID.hasShape(text), let place = try tx.place(PlaceID(text)), !place.kind.isVirtual {
                return .place(place.id)
            }
            if let part = try tx.part(first) {
                let mark = pieces.count > 1 ? pieces[1] : ""
                return part.tracking == .serial
                    ? .part(part, serial: mark, batch: "") : .part(part, serial: "", batch: mark)
            }
            let found: PartID? = try tx.first(
                """
                select part_id from stock_balance
                where serial = \(first) and serial <> '' and on_hand > 0 order by part_id limit 1
                """
            ) { $0.id() }
            guard let found, let part = try tx.part(found.text) else { return nil }
            return .part(part, serial: first, batch: "")
        }
    }
}
