import Base
import People
import Store
import Web

/// How stock is said on pages.
enum StockWords {
    static func kind(_ kind: StockDocument.Kind, _ call: Call) -> String {
        call.t("stock.kind.\(kind.rawValue)")
    }

    static func status(_ status: StockStatus, _ call: Call) -> HTML {
        let style: HTML =
            switch status {
            case .usable: " tag-ok"
            case .quarantine: " tag-warn"
            case .defective, .expired: " tag-bad"
            case .inRepair, .scrap: ""
            }
        return "<span class=\"tag\(style)\">\(call.t("stock.status.\(status.rawValue)"))</span>"
    }

    static func state(_ d: StockDocument, _ call: Call) -> HTML {
        let style: HTML =
            switch d.state {
            case _ where d.waitsForLoss: " tag-warn"
            case .draft: " tag-line"
            case .submitted: " tag-warn"
            case .approved: " tag-accent"
            case .posted, .received: " tag-ok"
            case .reversed, .withdrawn: ""
            }
        return "<span class=\"tag\(style)\">\(call.t(stateKey(d)))</span>"
    }

    /// What a posted transfer or loan waits for is said.
    static func stateKey(_ d: StockDocument) -> String {
        if d.waitsForLoss { return "stock.state.loss" }
        if d.state == .posted, d.reversalOf == nil {
            if d.goesThroughTransit { return "stock.state.transit" }
            if d.kind == .loan { return "stock.state.lent" }
        }
        if d.state == .received, d.kind == .loan { return "stock.state.returned" }
        return "stock.state.\(d.state.rawValue)"
    }

    /// Which of some columns hold figures.
    static func numbers(_ columns: [String]) -> Set<Int> {
        let figures: Set<String> = [
            "quantity", "value", "received", "written_off", "returned", "minimum", "target",
            "on_hand", "reserved", "available", "book", "counted", "difference", "parts_lying",
            "counted_lines", "balance",
        ]
        return Set(columns.indices.filter { figures.contains(columns[$0]) })
    }

    /// A ticket's number, leading to it for those who may open tickets.
    static func ticket(_ ticket: TicketReference, _ call: Call) -> HTML {
        (try? call.actor())?.hasAny(StockAccess.ticketReaders) == true
            ? "<a class=\"sn\" href=\"/tickets/\(ticket.number)\">\(ticket.number)</a>"
            : "<span class=\"sn\">\(ticket.number)</span>"
    }

    static func day(_ day: Int?) -> String? { day.map { CivilDate.text(dayNumber: $0) } }

    static func places(_ kinds: [StockPlace.Kind], _ call: Call) -> [(String, String)] {
        kinds.map { ($0.rawValue, call.t("stock.place.\($0.rawValue)")) }
    }

    static func statuses(_ call: Call) -> [(String, String)] {
        StockStatus.allCases.map { ($0.rawValue, call.t("stock.status.\($0.rawValue)")) }
    }

    static func unit(_ part: Part, _ call: Call) -> String {
        let key = "stock.unit.\(part.unit)"
        return call.strings.has(key) ? call.t(key) : part.unit
    }

    /// `12,345`.
    static func quantity(_ n: Int64) -> String {
        let digits = String(n.magnitude)
        var out = ""
        for (i, digit) in digits.enumerated() {
            if i > 0, (digits.count - i) % 3 == 0 { out += "," }
            out.append(digit)
        }
        return n < 0 ? "−" + out : out
    }
}

/// Names of what a page speaks of, read in one statement each.
struct StockNames {
    var parts: [PartID: Part] = [:]
    var places: [PlaceID: StockPlace] = [:]
    var organizations: [OrganizationID: String] = [:]
    let call: Call

    init(_ call: Call) { self.call = call }

    mutating func read(parts ids: some Sequence<PartID>, _ tx: Transaction) throws {
        parts.merge(try tx.parts(Set(ids).sorted())) { a, _ in a }
    }

    mutating func read(owners: some Sequence<String>, _ tx: Transaction) throws {
        let ids = Set(owners.filter { !$0.isEmpty }).map { OrganizationID($0) }
        organizations.merge(try People.organizationNames(of: ids, tx)) { a, _ in a }
    }

    /// Places with those directly above them.
    mutating func read(places ids: some Sequence<PlaceID>, _ tx: Transaction) throws {
        let real = Set(ids.filter { !StockPlace.isVirtual($0) }).subtracting(places.keys)
        places.merge(try tx.places(real.sorted())) { a, _ in a }
        let above = Set(places.values.compactMap(\.parent)).subtracting(places.keys)
        places.merge(try tx.places(above.sorted())) { a, _ in a }
    }

    /// `南京备件库 › A-03-2`; what is no real place by what it stands for.
    func place(_ id: PlaceID?) -> String {
        guard let id else { return "–" }
        if StockPlace.isVirtual(id) { return call.t("stock.place.\(id.text.dropFirst("place:".count))") }
        guard let found = places[id] else { return "–" }
        let own = found.name(in: call.language)
        guard let above = found.parent.flatMap({ places[$0] }) else { return own }
        return above.name(in: call.language) + " › " + own
    }

    /// Name over what it belongs to, leading to the place.
    func placeCell(_ id: PlaceID) -> HTML {
        guard let found = places[id] else { return "\(place(id))" }
        let above = found.parent.flatMap { places[$0] }?.name(in: call.language)
        return """
            <span><a class="place-name" href="/stock/places/\(id)" title="\(found.name(in: call.language))">\(found.name(in: call.language))</a>\(above.map { "<span class=\"tiny muted\">\($0)</span>" } ?? "" as HTML)</span>
            """
    }

    func placeLink(_ id: PlaceID?) -> HTML {
        guard let id, !StockPlace.isVirtual(id) else { return "\(place(id))" }
        return "<a href=\"/stock/places/\(id)\">\(place(id))</a>"
    }

    func part(_ id: PartID) -> String { parts[id]?.name(in: call.language) ?? "–" }

    /// Name over number, leading to the part.
    func partCell(_ id: PartID) -> HTML {
        """
        <a class="title" href="/stock/parts/\(id)">\(part(id))</a><br><span class="sn muted">\(parts[id]?.number)</span>
        """
    }

    func owner(_ id: String) -> String? {
        id.isEmpty ? nil : organizations[OrganizationID(id)] ?? id
    }

    /// Batch or serial number as it is told on a row.
    func mark(batch: String, serial: String) -> HTML {
        if !serial.isEmpty { return "<span class=\"sn\">\(serial)</span>" }
        if batch.isEmpty { return "–" }
        return "<span class=\"sn\">\(call.t("stock.batch", ["batch": batch]))</span>"
    }
}

/// All real places that are in use, as a choice, each below what it belongs to.
struct PlaceChoice {
    let all: [StockPlace]

    init(_ tx: Transaction) throws {
        all = try tx.places(["l.is_active = 1"], after: nil, limit: 1000).filter { !$0.kind.isVirtual }
    }

    /// In the order of the tree, with how deep each stands.
    func tree() -> [(place: StockPlace, depth: Int)] {
        let below = Dictionary(grouping: all, by: \.parent)
        let known = Set(all.map(\.id))
        var out: [(place: StockPlace, depth: Int)] = []
        var seen = Set<PlaceID>()
        func add(_ p: StockPlace, _ depth: Int) {
            guard seen.insert(p.id).inserted else { return }
            out.append((p, depth))
            for child in below[p.id] ?? [] { add(child, depth + 1) }
        }
        for root in all where root.parent.map({ !known.contains($0) }) ?? true { add(root, 0) }
        return out
    }

    /// `南京备件库 › A-03-2`, from the outermost on.
    func path(_ place: StockPlace, _ language: Language) -> String {
        var names = [place.name(in: language)]
        var seen: Set<PlaceID> = [place.id]
        var next = place.parent
        while let id = next, seen.insert(id).inserted, let above = all.first(where: { $0.id == id }) {
            names.insert(above.name(in: language), at: 0)
            next = above.parent
        }
        return names.joined(separator: " › ")
    }

    /// Where somebody most likely works: the place they keep, else the house's store, else what they may
    /// post from.
    func own(_ actor: Actor) -> StockPlace? {
        let real = tree().map(\.place)
        return real.first { actor.id != nil && $0.keeper == actor.id }
            ?? real.first { $0.kind == .store && StockAccess.keeps($0, actor) }
            ?? real.first { StockAccess.keeps($0, actor) } ?? real.first { $0.kind == .store }
    }

    func options(_ call: Call, where condition: (StockPlace) -> Bool = { _ in true }) -> [(String, String)] {
        tree().filter { condition($0.place) }.map { place, depth in
            let indent = String(repeating: "\u{2003}", count: depth)
            return (place.id.text, indent + place.name(in: call.language))
        }
    }
}
