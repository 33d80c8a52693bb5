namespace MLNetRecExt;

/// <summary>Means of the labels in training: of all, and of each user's and item's own; NaN where there are none.</summary>
internal sealed class LabelMeans
{
    public LabelMeans(InteractionRows byUser, int items)
    {
        double all = 0;
        var (users, itemSums, itemCounts) = (new float[byUser.RowCount], new double[items], byUser.ColumnCounts(items));
        for (int user = 0; user < users.Length; user++)
        {
            double sum = 0;
            var own = byUser.Indices(user);
            var labels = byUser.Labels(user);
            for (int e = 0; e < own.Length; e++)
            {
                var label = labels.IsEmpty ? 1 : labels[e];
                sum += label;
                itemSums[own[e]] += label;
            }
            users[user] = (float)(sum / own.Length);
            all += sum;
        }
        for (int item = 0; item < byUser.Removed?.Counts.Length; item++)
        {
            itemSums[item] += byUser.Removed.LabelSum(item);
            all += byUser.Removed.LabelSum(item);
        }
        All = (float)(all / ((double)byUser.LongEntryCount + (byUser.Removed?.Entries ?? 0)));
        Users = users;
        Items = new float[items];
        for (int item = 0; item < items; item++)
            Items[item] = (float)(itemSums[item] / itemCounts[item]);
    }

    public float All { get; }

    public float[] Users { get; }

    public float[] Items { get; }

    /// <summary>The user's mean, else the item's, else that of all: the first that there is.</summary>
    public float Of(int user, int item) =>
        OfUser(user) is var own && !float.IsNaN(own) ? own : OfItem(item) is var its && !float.IsNaN(its) ? its : All;

    public float OfUser(int user) => (uint)user < (uint)Users.Length ? Users[user] : float.NaN;

    public float OfItem(int item) => (uint)item < (uint)Items.Length ? Items[item] : float.NaN;
}
