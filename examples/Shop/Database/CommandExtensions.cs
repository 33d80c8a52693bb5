using System.Data.Common;

namespace Shop;

internal static class CommandExtensions
{
    /// <summary>A value for <c>@name</c> in the SQL: the only way by which values get into a statement.</summary>
    public static DbCommand AddParameter(this DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
        return command;
    }
}
