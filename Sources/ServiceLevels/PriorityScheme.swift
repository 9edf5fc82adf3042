import Base

/// How a priority comes about: two or more axes with named levels, and a table over them.
///
/// A cell may be empty: then that combination cannot be graded and the scheme's owner has to be asked.
public struct PriorityScheme: Sendable, Equatable {
    public struct Level: Sendable, Equatable {
        public var key: String
        public var label: Label

        public init(_ key: String, _ label: Label = Label()) {
            self.key = key
            self.label = label
        }
    }

    public struct Axis: Sendable, Equatable {
        public var key: String
        public var label: Label
        public var levels: [Level]

        public init(_ key: String, _ label: Label = Label(), levels: [Level]) {
            self.key = key
            self.label = label
            self.levels = levels
        }
    }

    /// One filled cell: a level of each axis, in the order of the axes.
    public struct Cell: Sendable, Equatable {
        public var levels: [String]
        public var priority: Priority

        public init(_ levels: [String], _ priority: Priority) {
            self.levels = levels
            self.priority = priority
        }
    }

    public let id: String
    public var version: Int
    public let label: Label
    public let axes: [Axis]
    /// What danger to people or a stopped mission forces.
    public let safetyPriority: Priority
    /// The table, the last axis running fastest; nil is an empty cell.
    public let table: [Priority?]

    /// - Throws: fields that are wrong: fewer than two axes, a name twice, a cell of unknown levels or
    ///   given twice, more than 4,096 cells.
    public init(
        id: String, version: Int = 1, label: Label = Label(), axes: [Axis], cells: [Cell],
        safetyPriority: Priority = .p1
    ) throws {
        guard (2...8).contains(axes.count) else { throw Failure.invalid("axes", "levels.axes_few") }
        var size = 1
        var names = Set<String>()
        for (i, axis) in axes.enumerated() {
            let keys = Set(axis.levels.map(\.key))
            guard names.insert(axis.key).inserted, !axis.key.isEmpty, (1...64).contains(axis.levels.count),
                keys.count == axis.levels.count, !keys.contains("")
            else { throw Failure.invalid("axes[\(i)]", "levels.field_wrong") }
            size *= axis.levels.count
            guard size <= 4096 else { throw Failure.invalid("axes", "levels.field_wrong") }
        }
        var table = [Priority?](repeating: nil, count: size)
        for (i, cell) in cells.enumerated() {
            guard cell.levels.count == axes.count else {
                throw Failure.invalid("cells[\(i)].levels", "levels.field_wrong")
            }
            var at = 0
            for (axis, level) in zip(axes, cell.levels) {
                guard let n = axis.levels.firstIndex(where: { $0.key == level }) else {
                    throw Failure.invalid("cells[\(i)].levels", "levels.level_unknown")
                }
                at = at * axis.levels.count + n
            }
            guard table[at] == nil else { throw Failure.invalid("cells[\(i)]", "levels.cell_twice") }
            table[at] = cell.priority
        }
        self.id = id
        self.version = version
        self.label = label
        self.axes = axes
        self.safetyPriority = safetyPriority
        self.table = table
    }

    /// The priority of a level on each axis, by the axis's key.
    ///
    /// Danger to people or a stopped mission (`safety`) forces its own priority and needs no axis; what
    /// is given must still exist.
    /// - Throws: `levels.axis_unknown`, `levels.level_unknown`, `levels.axis_missing` for the field, or
    ///   `levels.cell_empty` where the scheme leaves the combination out.
    public func priority(of levels: [String: String], safety: Bool = false) throws -> Priority {
        for name in levels.keys.sorted() where !axes.contains(where: { $0.key == name }) {
            throw Failure.invalid(name, "levels.axis_unknown")
        }
        var at = 0
        for axis in axes {
            guard let level = levels[axis.key] else {
                if safety { continue }
                throw Failure.invalid(axis.key, "levels.axis_missing")
            }
            guard let n = axis.levels.firstIndex(where: { $0.key == level }) else {
                throw Failure.invalid(axis.key, "levels.level_unknown")
            }
            at = at * axis.levels.count + n
        }
        if safety { return safetyPriority }
        guard let priority = table[at] else {
            throw Failure(
                .invalid, "levels.cell_empty",
                ["levels": axes.compactMap { levels[$0.key] }.joined(separator: ", ")])
        }
        return priority
    }

    /// The filled cells, in the table's order.
    public var cells: [Cell] {
        table.enumerated().compactMap { i, priority in
            guard let priority else { return nil }
            var keys: [String] = []
            var rest = i
            for axis in axes.reversed() {
                keys.append(axis.levels[rest % axis.levels.count].key)
                rest /= axis.levels.count
            }
            return Cell(keys.reversed(), priority)
        }
    }

    /// Impact on the project × commonness: the rare fault with a large impact comes first, for the
    /// common one is known and has its remedy.
    public static func standard() throws -> PriorityScheme {
        try PriorityScheme(
            id: "standard",
            label: Label(en: "Impact × commonness", hans: "影响 × 常见性", hant: "影響 × 常見性"),
            axes: [
                Axis(
                    "impact",
                    Label(en: "Impact on the project", hans: "对项目的影响", hant: "對專案的影響"),
                    levels: [
                        Level("large", Label(en: "large", hans: "大", hant: "大")),
                        Level("small", Label(en: "small", hans: "小", hant: "小")),
                    ]),
                Axis(
                    "commonness", Label(en: "Commonness", hans: "常见性", hant: "常見性"),
                    levels: [
                        Level("uncommon", Label(en: "uncommon", hans: "不常见", hant: "不常見")),
                        Level("common", Label(en: "common", hans: "常见", hant: "常見")),
                    ]),
            ],
            cells: [
                Cell(["large", "uncommon"], .p1), Cell(["large", "common"], .p2),
                Cell(["small", "uncommon"], .p3), Cell(["small", "common"], .p4),
            ])
    }
}

extension PriorityScheme {
    public init(json: JSON) throws {
        let f = try Fields(json)
        let axes = try f.objects("axes").map { axis in
            Axis(
                try axis.text("key"), try axis.label(),
                levels: try axis.objects("levels").map { Level(try $0.text("key"), try $0.label()) })
        }
        let cells = try f.objects("cells").map { cell in
            guard let priority = Priority(code: try cell.text("priority")) else {
                throw cell.bad("priority")
            }
            return Cell(
                try cell.array("levels").map {
                    guard let s = $0.string else { throw cell.bad("levels") }
                    return s
                }, priority)
        }
        guard let safety = Priority(code: try f.optionalText("safety_priority") ?? "P1") else {
            throw f.bad("safety_priority")
        }
        try self.init(
            id: try f.text("id"), version: try f.int("version", 1...1_000_000), label: try f.label(),
            axes: axes, cells: cells, safetyPriority: safety)
    }

    /// `{"id", "version", "label", "axes": [{"key", "label", "levels": [{"key", "label"}]}],
    /// "cells": [{"levels": ["large", "common"], "priority": "P2"}], "safety_priority"}`.
    public var json: JSON {
        .make([
            "id": .string(id), "version": .int(Int64(version)), "label": label.json,
            "axes": .array(
                axes.map { axis in
                    .make([
                        "key": .string(axis.key), "label": axis.label.json,
                        "levels": .array(
                            axis.levels.map { .make(["key": .string($0.key), "label": $0.label.json]) }),
                    ])
                }),
            "cells": .array(
                cells.map { cell in
                    .make([
                        "levels": .array(cell.levels.map { .string($0) }),
                        "priority": .string(cell.priority.code),
                    ])
                }),
            "safety_priority": .string(safetyPriority.code),
        ])
    }
}
