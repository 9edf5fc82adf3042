import Base
import Store

extension People {
    /// A project as an administrator names it.
    public struct ProjectName: Sendable {
        public var id: ProjectID
        public var code: String
        public var name: String
    }

    /// All projects by code, for choices in the administration.
    public static func projectNames(_ tx: Transaction, limit: Int = 1000) throws -> [ProjectName] {
        try tx.projects(words: [], after: nil, limit: limit).map {
            ProjectName(id: $0.id, code: $0.code, name: $0.name(in: tx.actor.language))
        }
    }
}
