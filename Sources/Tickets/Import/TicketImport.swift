import Base
import ServiceLevels
import Store

/// Takes over tickets from another system's event log: one row an event, an incident's value that of its
/// last event. Each ticket arrives archived, with every event in its chained history at the event's own
/// time and one last row that says when and from where it was taken over.
///
/// Rows are given in the file's order; the events of one incident need not lie together. The caller runs
/// it in one transaction, so that a refusal leaves nothing behind.
public struct TicketImport {
    /// What was found and done.
    public struct Report: Sendable, Equatable {
        public var events = 0
        public var tickets = 0
        /// Events whose state the map does not know; kept as recorded.
        public var unknownStates: [String: Int] = [:]
        /// Cells that hold the missing mark, by column.
        public var missing: [String: Int] = [:]
        /// Tickets that the scheme gives no grade for.
        public var ungraded = 0

        public var json: JSON {
            func counts(_ d: [String: Int]) -> JSON {
                .object(d.sorted { $0.key < $1.key }.map { .init($0.key, .of($0.value)) })
            }
            return .make([
                "tickets": .of(tickets), "events": .of(events),
                "unknown_states": counts(unknownStates), "missing_values": counts(missing),
                "without_priority": .of(ungraded),
            ])
        }
    }

    static let eventKind = "ticket.past_event"
    static let importedKind = "ticket.imported"

    /// A column that is read: what it means and the name its value has in the history.
    private struct Column {
        var index: Int
        var name: String
        var header: String
        var field: IncidentField?
        var isAxis: Bool
    }

    /// What is known of an incident while its events come by.
    private struct Incident {
        let id: TicketID
        let number: String
        var chain: PastChain
        /// The last event's cells, in the order of `columns`.
        var cells: [String]
        var at: Instant
    }

    private let map: IncidentMap
    private let source: String
    private let isTrial: Bool
    private var columns: [Column] = []
    private var numberColumn = 0
    private var eventColumn: Int?
    private var axisColumns: [(axis: IncidentMap.Axis, index: Int)] = []
    private var templateColumns: [String: Int] = [:]
    private var incidents: [Incident] = []
    private var places: [String: Int] = [:]
    private var missing: [Int] = []
    private var instants: [String: Instant] = [:]
    public private(set) var report = Report()

    /// - Parameters:
    ///   - source: the file's name, for the history
    ///   - isTrial: check everything, write nothing
    public init(_ map: IncidentMap, source: String, isTrial: Bool = false) {
        self.map = map
        self.source = source
        self.isTrial = isTrial
    }

    /// Takes the next row, the heading first.
    /// - Throws: `import.*` with `line` and `column`
    public mutating func take(_ row: CSV.Row, _ tx: Transaction) throws {
        if columns.isEmpty { return try heading(row) }
        let number = row.fields[numberColumn]
        guard number != map.missing, !number.isEmpty else { throw wrong("import.number", row, numberColumn) }
        report.events += 1
        let cells = columns.map { row.fields[$0.index] }
        if let place = places[number] {
            try event(at: place, cells, row, tx)
        } else {
            guard number.utf8.count <= 64, !number.hasPrefix("FT-") else {
                throw wrong("import.number", row, numberColumn)
            }
            if try tx.exists("select 1 from ticket where number = \(number)") {
                throw wrong("import.exists", row, numberColumn, ["number": number])
            }
            // Ids are ordered by receipt, as those of tickets entered here are.
            let received = columns.firstIndex { $0.field == .receivedAt }.flatMap { map.instant(cells[$0]) }
            let id = TicketID.make(at: received ?? tx.now)
            places[number] = incidents.count
            incidents.append(
                Incident(
                    id: id, number: number, chain: PastChain(Subject("ticket", id)), cells: [],
                    at: .earliest))
            try event(at: incidents.count - 1, cells, row, tx)
        }
    }

    // MARK: Reading

    private mutating func heading(_ row: CSV.Row) throws {
        var byName: [String: Int] = [:]
        for (i, name) in row.fields.enumerated() {
            guard byName.updateValue(i, forKey: name) == nil else {
                throw wrong("import.column_twice", row, i, ["name": name])
            }
        }
        func index(_ name: String) throws -> Int {
            guard let i = byName[name] else { throw wrong("import.column_missing", row, 0, ["name": name]) }
            return i
        }
        for field in IncidentField.allCases {
            guard let name = map.columns[field] else { continue }
            columns.append(
                Column(
                    index: try index(name), name: field.rawValue, header: name, field: field, isAxis: false))
        }
        for axis in map.axes {
            axisColumns.append((axis, columns.count))
            columns.append(
                Column(
                    index: try index(axis.column), name: axis.key, header: axis.column, field: nil,
                    isAxis: true))
        }
        for name in map.title.columns + (map.description?.columns ?? []) + map.keep
        where templateColumns[name] == nil {
            let at = try index(name)
            // A column that is read already has its place.
            if let known = columns.firstIndex(where: { $0.index == at }) {
                templateColumns[name] = known
                continue
            }
            templateColumns[name] = columns.count
            let isTaken = columns.contains { $0.name == name }
            columns.append(
                Column(
                    index: at, name: isTaken ? "column." + name : name, header: name, field: nil,
                    isAxis: false))
        }
        numberColumn = try index(map.columns[.number] ?? "")
        eventColumn = columns.firstIndex { $0.field == .eventAt }
        missing = [Int](repeating: 0, count: columns.count)
    }

    private mutating func event(at place: Int, _ cells: [String], _ row: CSV.Row, _ tx: Transaction) throws {
        let before = incidents[place].cells
        let isFirst = before.isEmpty
        var members: [JSON.Member] = []
        for (i, column) in columns.enumerated() {
            let cell = cells[i]
            if cell == map.missing { missing[i] += 1 }
            if column.field == .state, cell != map.missing, map.states[cell] == nil {
                report.unknownStates[cell, default: 0] += 1
            }
            // The history holds what an event changed; the first one holds everything.
            if column.field == .number || !isFirst && before[i] == cell { continue }
            let value = try value(cell, column, row)
            if !isFirst || value != .null { members.append(.init(column.name, value)) }
        }
        incidents[place].cells = cells
        if let eventColumn, let at = instants[cells[eventColumn]] { incidents[place].at = at }
        if isFirst {
            // Needed values are checked here, where their line is known.
            let received = columns.firstIndex { $0.field == .receivedAt } ?? 0
            guard let at = instants[cells[received]] else {
                throw wrong("import.time", row, columns[received].index, ["value": cells[received]])
            }
            if eventColumn == nil { incidents[place].at = at }
        }
        if !isTrial {
            try incidents[place].chain.add(
                TicketImport.eventKind, at: incidents[place].at, data: .object(members), tx)
        }
    }

    private mutating func value(_ cell: String, _ column: Column, _ row: CSV.Row) throws -> JSON {
        if cell == map.missing { return .null }
        if column.isAxis {
            guard let axis = axisColumns.first(where: { columns[$0.index].name == column.name })?.axis,
                axis.levels[cell] != nil
            else { throw wrong("import.level", row, column.index, ["value": cell]) }
            return .string(cell)
        }
        switch column.field?.kind ?? .text {
        case .text:
            guard cell.utf8.count <= 4000 else { throw wrong("import.long", row, column.index) }
            return .string(cell)
        case .time:
            guard let at = instants[cell] ?? map.instant(cell) else {
                throw wrong("import.time", row, column.index, ["value": cell])
            }
            instants[cell] = at
            return .of(at)
        case .truth:
            guard cell == "true" || cell == "false" else {
                throw wrong("import.truth", row, column.index, ["value": cell])
            }
            return .bool(cell == "true")
        case .count:
            guard let n = Int64(cell), (0...1_000_000_000).contains(n) else {
                throw wrong("import.count", row, column.index, ["value": cell])
            }
            return .int(n)
        }
    }

    private func wrong(
        _ code: String, _ row: CSV.Row, _ index: Int, _ more: [String: String] = [:]
    ) -> Failure {
        var arguments = row.places.indices.contains(index) ? row.places[index].arguments : [:]
        arguments.merge(more.mapValues { String($0.prefix(80)) }) { a, _ in a }
        return Failure(.invalid, code, arguments)
    }

    // MARK: Writing

    /// Writes the tickets themselves, each by its last event.
    public mutating func finish(_ tx: Transaction) throws -> Report {
        guard !columns.isEmpty else {
            throw Failure(.invalid, "import.empty", ["line": "1", "column": "1"])
        }
        for (i, n) in missing.enumerated() where n > 0 { report.missing[columns[i].header] = n }
        let settings = try TicketHouse.settings(tx)
        if !isTrial, let scheme = map.scheme { try keep(scheme, tx) }
        for incident in incidents {
            let ticket = try ticket(incident, tx.now)
            report.tickets += 1
            if ticket.priority == nil { report.ungraded += 1 }
            if isTrial { continue }
            var chain = incident.chain
            try chain.add(
                TicketImport.importedKind, at: tx.now,
                data: .make([
                    "source": .string(source), "number": .string(incident.number),
                    "zone": .string(map.zone.identifier),
                ]), tx)
            try chain.close(tx)
            try tx.insert(ticket, ClockColumns(), settings)
            try tx.grantAccess(ticket, before: [])
            try TicketSearch.index(ticket, tx)
        }
        tx.signal(Signal(Subject("tickets", "all")))
        return report
    }

    /// The scheme becomes one of the house's, so that the levels have names; the same one only once.
    private func keep(_ scheme: PriorityScheme, _ tx: Transaction) throws {
        let known = try tx.levelItems(.scheme, id: scheme.id)
        if known.contains(where: { $0.content == scheme.json }) { return }
        _ = try tx.addLevelItem(.scheme, scheme.id, scheme.json)
    }

    private func ticket(_ incident: Incident, _ now: Instant) throws -> Ticket {
        func text(_ field: IncidentField) -> String? {
            guard let i = columns.firstIndex(where: { $0.field == field }) else { return nil }
            let cell = incident.cells[i]
            return cell == map.missing || cell.isEmpty ? nil : cell
        }
        func time(_ field: IncidentField) -> Instant? { text(field).flatMap { instants[$0] } }
        func fill(_ template: IncidentMap.Template) -> String {
            template.parts.map { part in
                switch part {
                case .text(let s): s
                case .column(let name): templateColumns[name].map { incident.cells[$0] } ?? ""
                }
            }.joined()
        }
        let title = fill(map.title)
        var ticket = Ticket.imported(
            id: incident.id, number: incident.number, title: title.isEmpty ? incident.number : title,
            description: map.description.map(fill) ?? "", receivedAt: time(.receivedAt) ?? now,
            closedAt: time(.closedAt), recordedVerdict: text(.verdict).map { $0 == "true" }, createdAt: now)
        ticket.requesterName = text(.requester)
        ticket.product = text(.product)
        ticket.model = text(.model)
        ticket.serial = text(.serial)
        for (axis, index) in axisColumns {
            if let level = axis.levels[incident.cells[index]] { ticket.axes[axis.key] = level }
        }
        if let scheme = map.scheme, ticket.axes.count == scheme.axes.count {
            ticket.priority = try? scheme.priority(of: ticket.axes)
        }
        return ticket
    }
}
