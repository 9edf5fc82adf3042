import Store

// GRDB has types of the same names; a file that imports both says which it means.
typealias BoundSQL = SQL
typealias ResultRow = Row
