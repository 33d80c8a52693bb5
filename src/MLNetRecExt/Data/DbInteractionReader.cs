using System.Data.Common;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Reads the rows of a query into <see cref="Interactions"/>, by the rules of <see cref="InteractionReader"/>.</summary>
internal static class DbInteractionReader
{
    /// <param name="reader">The rows; it is read to their end and stays open.</param>
    /// <param name="columns">What to read.</param>
    /// <param name="options">How to read it.</param>
    /// <param name="channel">Where counts are logged.</param>
    /// <exception cref="ArgumentException">A column is missing, has a wrong type, or cannot continue the given ids; or an option is out of
    /// range.</exception>
    /// <exception cref="InvalidDataException">A row is bad and the options say to throw.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<Interactions> ReadAsync(
        DbDataReader reader, InteractionColumns columns, InteractionReadOptions options, IChannel channel)
    {
        options.Validate();
        columns.CheckUsersAreNotItems();
        var fractions = false;
        var rows = new InteractionCollector(columns, options)
        {
            User = new DbIds(DbColumn.Find(reader, columns.User, "users"), options.FirstUsers, "users"),
            Item = new DbIds(DbColumn.Find(reader, columns.Item, "items"), options.FirstItems, "items"),
            Label = columns.Label is null ? () => 1 : DbColumn.Find(reader, columns.Label, "labels").OpenSingle("labels"),
            Weight = columns.Weight is null ? () => 1 : DbColumn.Find(reader, columns.Weight, "weights").OpenSingle("weights"),
            Timestamp = columns.Timestamp is null
                ? () => 0
                : DbColumn.Find(reader, columns.Timestamp, "timestamps").OpenTimestamp(() => fractions = true),
        };
        while (await reader.ReadAsync(options.CancellationToken).ConfigureAwait(false))
            rows.AddRow();
        return rows.Finish(channel, fractions);
    }
}
