import Base
import People
import Store

// Drawing up a document: what a kind needs, and what its lines may say.
extension Inventory {
    /// Makes a document, and submits it where the input asks for that.
    /// - Parameter mayAsk: the caller has found that the actor may ask for it, whatever their roles
    /// - Throws: 403 where the actor may not draw up such a document there; 422 for content that makes no
    ///   sense; what `submit` throws
    public static func draw(
        _ kind: StockDocument.Kind, _ input: DocumentInput, _ neighbours: InventoryNeighbours,
        mayAsk: Bool = false, _ tx: Transaction
    ) throws -> StockDocument {
        var made = StockDocument(
            id: tx.makeID(), number: "", kind: kind, place: input.place, createdBy: tx.actor.id,
            createdAt: tx.now)
        let scope = try fill(&made, input, neighbours, mayAsk: mayAsk, tx)
        let year = CivilDate.date(dayNumber: scope.today).year
        made.number = try tx.nextStockNumber(kind.letters, year: year)
        try number(returned: &made, year, tx)
        guard input.submit else {
            try tx.insert(made)
            try record("stock.drawn", made, tx)
            return made
        }
        return try submit(made, isNew: true, scope, tx)
    }

    /// Replaces what a draft says.
    public static func redraw(
        _ old: StockDocument, _ input: DocumentInput, _ neighbours: InventoryNeighbours, _ tx: Transaction
    ) throws -> StockDocument {
        try requireDrawer(old, tx)
        guard old.state == .draft, old.reversalOf == nil else { throw wrongState(old) }
        var new = old
        let scope = try fill(&new, input, neighbours, tx)
        try number(returned: &new, CivilDate.date(dayNumber: scope.today).year, tx)
        try tx.update(&new)
        try tx.replaceLines(new)
        try record("stock.redrawn", new, tx)
        return new
    }

    /// Each line that came back from the field has a number of its own.
    private static func number(returned d: inout StockDocument, _ year: Int, _ tx: Transaction) throws {
        guard d.kind == .return else { return }
        for i in d.lines.indices where d.lines[i].rma == nil {
            d.lines[i].rma = try tx.nextStockNumber("RM", year: year)
        }
    }

    /// What a document's checks have read.
    struct Scope {
        var place: StockPlace
        var toPlace: StockPlace?
        var parts: [PartID: Part]
        /// At the place.
        var today: Int
    }

    static func scope(_ d: StockDocument, _ tx: Transaction) throws -> Scope {
        let places = try tx.places([d.place] + [d.toPlace].compactMap { $0 })
        guard let place = places[d.place] else { throw Failure.invalid("place_id", "field.no_such") }
        let parts = try tx.parts(Set(d.lines.map(\.part)).sorted())
        return Scope(
            place: place, toPlace: d.toPlace.flatMap { places[$0] }, parts: parts,
            today: today(place.zone, tx))
    }

    /// The people who may change a draft: whoever made it, and those who answer for the place.
    static func requireDrawer(_ d: StockDocument, _ tx: Transaction) throws {
        if let id = tx.actor.id, d.createdBy == id { return }
        guard let place = try tx.place(d.place), StockAccess.keeps(place, tx.actor) else {
            throw Failure.forbidden()
        }
    }

    private static func fill(
        _ d: inout StockDocument, _ input: DocumentInput, _ neighbours: InventoryNeighbours,
        mayAsk: Bool = false, _ tx: Transaction
    ) throws -> Scope {
        var faults = Faults()
        let places = try tx.places([input.place] + [input.toPlace].compactMap { $0 })
        guard let place = places[input.place], place.isActive else {
            throw Failure.invalid("place_id", "field.no_such")
        }
        guard mayAsk || StockAccess.mayDraw(d.kind, place, tx.actor) else { throw Failure.forbidden() }
        let toPlace = input.toPlace.flatMap { places[$0] }
        if input.toPlace != nil, toPlace?.isActive != true { faults.add("to_place_id", "field.no_such") }
        if d.kind == .transfer {
            if input.toPlace == nil { faults.add("to_place_id", "field.required") }
            if input.toPlace == input.place { faults.add("to_place_id", "stock.same_place") }
        } else if d.kind != .shipment, input.toPlace != nil {
            faults.add("to_place_id", "stock.not_here")
        }
        let reasons: [StockDocument.Kind] = [.adjustment, .scrapping]
        if reasons.contains(d.kind), input.reason == nil { faults.add("reason", "field.required") }
        let day = today(place.zone, tx)
        if let posted = input.postedOn {
            let first = StockDay.earliest(on: day)
            if posted > day { faults.add("posted_on", "stock.future") }
            if posted < first {
                faults.add("posted_on", "stock.too_early", ["day": CivilDate.text(dayNumber: first)])
            }
        }
        if let partner = input.partner, try People.organization(partner, tx) == nil {
            faults.add("partner_id", "field.no_such")
        }
        let parts = try tx.parts(Set(input.lines.map(\.part)).sorted())
        d.place = place.id
        d.toPlace = input.toPlace
        d.reason = input.reason
        d.source = d.kind == .receipt ? input.source ?? .supplier : nil
        d.partner = input.partner
        d.dueOn = input.dueOn
        d.postedOn = input.postedOn
        d.shipping = input.shipping
        let old = d.lines
        d.lines = []
        for (i, line) in input.lines.enumerated() {
            guard let part = parts[line.part] else {
                faults.add("lines.\(i).part_id", "field.no_such")
                continue
            }
            var made = StockLine(number: i + 1, part: part.id, quantity: line.quantity)
            try fillLine(&made, line, part, place, d, day, "lines.\(i).", &faults, tx)
            // A number that was given stays with its line.
            if i < old.count { made.rma = old[i].rma }
            d.lines.append(made)
        }
        try faults.finish()
        try fillExpiry(&d, parts, day, tx)
        d.ticket = try input.ticket.map { try neighbours.ticket($0, tx) }
        return Scope(place: place, toPlace: toPlace, parts: parts, today: day)
    }

    private static func fillLine(
        _ made: inout StockLine, _ line: LineInput, _ part: Part, _ place: StockPlace,
        _ d: StockDocument, _ day: Int, _ prefix: String, _ faults: inout Faults, _ tx: Transaction
    ) throws {
        made.serial = line.serial ?? ""
        made.batch = line.batch ?? ""
        made.unitCostMinor = line.unitCostMinor
        made.expiresOn = line.expiresOn
        made.direction = line.direction ?? .in
        made.condition = line.condition
        made.disposition = line.disposition ?? (d.kind == .return ? .inspect : nil)
        made.dueOn = line.dueOn
        made.replacementSerial = line.replacementSerial
        (made.package, made.grossWeight) = (line.package, line.grossWeight)
        if let owner = line.owner {
            if let code = try ownerFault(owner, tx) { faults.add(prefix + "owner_id", code) }
            made.owner = owner.text
            // What belongs to somebody else has no value in the house's books.
            made.unitCostMinor = 0
        }
        let enters = entersFromOutside(d.kind, made)
        if enters, !part.isActive { faults.add(prefix + "part_id", "stock.part_inactive") }
        switch part.tracking {
        case .serial:
            if made.serial.isEmpty, ![.kit, .unkit].contains(d.kind) {
                faults.add(prefix + "serial", "field.required")
            }
            if made.quantity != 1 { faults.add(prefix + "quantity", "stock.serial_is_one") }
            if !made.batch.isEmpty { faults.add(prefix + "batch", "stock.no_batch") }
        case .batch:
            if !made.serial.isEmpty { faults.add(prefix + "serial", "stock.no_serial") }
            if enters, made.batch.isEmpty { faults.add(prefix + "batch", "field.required") }
        case .none:
            if !made.serial.isEmpty { faults.add(prefix + "serial", "stock.no_serial") }
            if !made.batch.isEmpty { faults.add(prefix + "batch", "stock.no_batch") }
        }
        let usual: StockStatus = place.kind == .quarantine ? .quarantine : .usable
        switch d.kind {
        case .return: made.status = line.status ?? .defective
        case .receipt, .adjustment, .scrapping: made.status = line.status ?? usual
        case .statusChange:
            made.status = line.status ?? .usable
            made.toStatus = line.toStatus ?? made.status
            if made.status == made.toStatus { faults.add(prefix + "to_status", "stock.same_status") }
        default: made.status = line.status ?? .usable
        }
        if d.kind != .statusChange { made.toStatus = made.status }
        let usable: [StockDocument.Kind] = [.issue, .loan, .kit, .unkit]
        if usable.contains(d.kind), made.status != .usable {
            faults.add(prefix + "status", "stock.only_usable")
        }
        if !enters || part.tracking != .batch { made.expiresOn = nil }
        if d.kind == .kit || d.kind == .unkit {
            if part.tracking != .none { faults.add(prefix + "part_id", "stock.kit_tracking") }
        }
    }

    /// Why an organisation is no owner of stock in the house; nil where it is.
    static func ownerFault(_ owner: OrganizationID, _ tx: Transaction) throws -> String? {
        guard let found = try People.organization(owner, tx) else { return "field.no_such" }
        return found.kind == .house || found.kind == .unit ? "stock.own_stock" : nil
    }

    /// Where nobody says when a batch expires: as it is known, else by the part's shelf life.
    static func fillExpiry(
        _ d: inout StockDocument, _ parts: [PartID: Part], _ day: Int, _ tx: Transaction
    ) throws {
        let open = d.lines.indices.filter { i in
            let line = d.lines[i]
            return !line.batch.isEmpty && line.expiresOn == nil && entersFromOutside(d.kind, line)
        }
        guard !open.isEmpty else { return }
        let known = try tx.batches(Set(open.map { d.lines[$0].part }).sorted())
        for i in open {
            let line = d.lines[i]
            if let batch = known.first(where: { $0.part == line.part && $0.batch == line.batch }) {
                d.lines[i].expiresOn = batch.expiresOn
            } else if let months = parts[line.part]?.shelfLifeMonths {
                d.lines[i].expiresOn = StockDay.adding(months: Int(months), to: d.postedOn ?? day)
            }
        }
    }

    /// What a draft may leave open and a submission may not: for whom, where to, instead of what.
    /// - Parameter isForm: on a page everybody is asked for whom something is issued; a program of whoever
    ///   answers for stock may know it better
    static func requireComplete(_ d: StockDocument, isForm: Bool = false, _ tx: Transaction) throws {
        guard d.reversalOf == nil else { return }
        var faults = Faults()
        switch d.kind {
        case .issue where d.ticket == nil && d.partner == nil && d.reason == nil:
            if isForm || (try? StockAccess.requireKeeper(tx)) == nil {
                faults.add("ticket_id", "stock.for_whom")
            }
        case .shipment where d.ticket == nil && d.partner == nil && d.toPlace == nil:
            faults.add("to_place_id", "stock.where_to")
        case .return:
            for (i, line) in d.lines.enumerated() {
                guard let serial = line.replacementSerial, try !hasLeft(serial, tx) else { continue }
                faults.add("lines.\(i).replacement_serial", "stock.never_left", ["serial": serial])
            }
        default: break
        }
        try faults.finish()
    }

    /// Whether a serial number has ever gone out of the house.
    static func hasLeft(_ serial: String, _ tx: Transaction) throws -> Bool {
        try tx.exists(
            """
            select 1 from stock_line l join stock_document d on d.id = l.document_id
            where l.serial = \(serial) and d.kind in ('issue', 'shipment', 'loan')
              and d.state in ('posted', 'received') and d.reversal_of is null
            """)
    }

    /// Whether a line brings into the house what was not there.
    static func entersFromOutside(_ kind: StockDocument.Kind, _ line: StockLine) -> Bool {
        switch kind {
        case .receipt, .return: true
        case .adjustment, .countDifference: line.direction == .in
        default: false
        }
    }
}

/// What is wrong with a document, all of it at once.
struct Faults {
    private(set) var all: [FieldFailure] = []
    mutating func add(_ field: String, _ code: String, _ arguments: [String: String] = [:]) {
        all.append(FieldFailure(field: field, code: code, arguments: arguments))
    }
    func finish() throws {
        if !all.isEmpty { throw Failure(.invalid, "invalid", fields: all) }
    }
}

/// Days of the calendar.
enum StockDay {
    /// The first day that may still be posted on: of the year before. What is older is history.
    static func earliest(on today: Int) -> Int {
        CivilDate.dayNumber(year: CivilDate.date(dayNumber: today).year - 1, month: 1, day: 1)
    }

    /// The same day so many months later, or the last of that month.
    static func adding(months: Int, to day: Int) -> Int {
        let (year, month, date) = CivilDate.date(dayNumber: day)
        let all = year * 12 + month - 1 + months
        let (y, m) = (all / 12, all % 12 + 1)
        return CivilDate.dayNumber(
            year: y, month: m, day: min(date, CivilDate.daysInMonth(year: y, month: m)))
    }
}
