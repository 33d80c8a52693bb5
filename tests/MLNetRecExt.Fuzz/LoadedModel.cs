namespace MLNetRecExt.Fuzz;

/// <summary>A file as the library takes it: refused, or a model that keeps every promise.</summary>
internal static class LoadedModel
{
    // What a load may take beyond what the bytes of the file can fill, and how much these can: an id and its place in a dictionary,
    // a row of a matrix filled up to a vector's width.
    private const long FreeBytes = 64 << 20;
    private const int BytesPerByte = 64;

    private const int Most = 6;

    private static readonly LoadOptions Trusted = new() { AllowPipelines = true };

    /// <summary>Loads a file, in bounded memory.</summary>
    /// <returns>The model, or null where the file is refused as promised.</returns>
    public static RecommenderModel? Load(byte[] file)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        RecommenderModel? model = null;
        try
        {
            model = RecommenderModel.Load(new MemoryStream(file), Trusted);
        }
        catch (Exception e)
        {
            FuzzFailureException.Unless(e, "at load", typeof(InvalidDataException));
        }
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;
        FuzzFailureException.Unless(taken <= FreeBytes + (long)BytesPerByte * file.Length, "memory at load",
            () => $"{taken >> 20} MB taken for a file of {file.Length} bytes");
        return model;
    }

    /// <summary>Asks a model for all that it can do: for scores of known pairs, which must be finite, for lists, with histories and
    /// features, for similar ones and reasons.</summary>
    /// <returns>All answers, as bits.</returns>
    public static List<uint> Use(RecommenderModel model)
    {
        List<uint> answers = [];
        int[] users = [.. Enumerable.Range(0, Math.Min(Most, model.Users.Count))];
        int[] items = [.. Enumerable.Range(0, Math.Min(Most, model.Items.Count))];
        int[] known = [.. items.Where(model.IsKnownItem)];
        foreach (var user in users)
        {
            _ = model.Users.GetText(user);
            AddScores(model, user, items, answers);
        }
        var lists = model.TopItems(users, 5, new() { ExcludeSeen = false, Fallback = RecommendationFallback.Popularity });
        foreach (var user in users)
        {
            if (model.IsKnownUser(user))
                CheckFinite(lists.Scores(user), $"list of user {user}");
            Add(answers, lists.ToArray(user));
        }
        FoldIn(model, known, answers);
        var knownUser = users.FirstOrDefault(model.IsKnownUser, -1);
        foreach (var item in known)
            Compare(model, knownUser, item, known, answers);
        if (model.CanCompareUsers && knownUser >= 0)
            foreach (var similar in model.SimilarUsers(knownUser, 5))
                answers.AddRange([(uint)similar.User, BitConverter.SingleToUInt32Bits(similar.Score)]);
        return answers;
    }

    /// <summary>Saves it, loads that, and asks both: the same answers.</summary>
    public static void SaveAgain(RecommenderModel model, List<uint> answers)
    {
        var again = Load(SampleModels.Bytes(model))
            ?? throw new FuzzFailureException("saved model refused", "a model that was loaded and saved cannot be loaded");
        FuzzFailureException.Unless(answers.SequenceEqual(Use(again)), "other answers",
            () => "saved and loaded again, the model answers differently");
    }

    private static void FoldIn(RecommenderModel model, int[] known, List<uint> answers)
    {
        if (model.CanFoldIn && known.Length > 0)
        {
            AddUnlessTooLarge(answers, () => Add(answers, model.TopItems(RecommenderQuery.ForHistory(known), 5)));
            var changed = RecommenderQuery.ForUser(0, new ItemFeedback[] { new(known[0], 3, 2) });
            AddUnlessTooLarge(answers, () => Add(answers, model.TopItems(changed, 5)));
        }
        if (model.Encoder.Columns.Length == 0)
            return;
        var features = new FeatureValues();
        foreach (var column in model.Encoder.Columns)
        {
            if (column.Categories is { Length: > 0 } categories)
                features.Add(column.Name, categories[0]);
            else if (column.Type.IsNumbers && !column.Type.IsDates)
                features.Add(column.Name, Array.ConvertAll(column.Means, _ => 20f));
        }
        AddUnlessTooLarge(answers, () => Add(answers, model.TopItems(RecommenderQuery.Nobody.WithFeatures(features), 5)));
    }

    /// <summary>A query that is not of training is refused where its scores would not be finite: the model's own numbers are
    /// extreme.</summary>
    private static void AddUnlessTooLarge(List<uint> answers, Action add)
    {
        try
        {
            add();
        }
        catch (ArgumentException)
        {
            answers.Add(uint.MaxValue);
        }
    }

    private static void Compare(RecommenderModel model, int user, int item, int[] known, List<uint> answers)
    {
        if (model.CanCompareItems)
            Add(answers, model.SimilarItems(item, 5));
        if (model.CanExplain && user >= 0)
            Add(answers, model.Explain(user, item));
        if (model.CanExplain && model.CanFoldIn)
            AddUnlessTooLarge(answers, () => Add(answers, model.Explain(RecommenderQuery.ForHistory(known), item)));
    }

    private static void Add(List<uint> answers, ItemScore[] list)
    {
        foreach (var entry in list)
            answers.AddRange([(uint)entry.Item, BitConverter.SingleToUInt32Bits(entry.Score)]);
    }

    private static void Add(List<uint> answers, Contribution[] contributions)
    {
        foreach (var entry in contributions)
            answers.AddRange([(uint)entry.Index, BitConverter.SingleToUInt32Bits(entry.Value)]);
    }

    private static void AddScores(RecommenderModel model, int user, int[] items, List<uint> answers)
    {
        var scores = new float[model.Items.Count];
        model.ScoreItems(RecommenderQuery.ForUser(user), scores);
        var isKnown = model.IsKnownUser(user);
        foreach (var item in items)
        {
            var alone = model.Score(user, item);
            answers.Add(BitConverter.SingleToUInt32Bits(alone));
            if (isKnown && model.IsKnownItem(item))
                CheckFinite([alone, scores[item]], $"user {user}, item {item}");
            else
                FuzzFailureException.Unless(float.IsNaN(alone), "score of an unknown pair", () => $"user {user}, item {item}: {alone}");
        }
    }

    private static void CheckFinite(ReadOnlySpan<float> scores, string what)
    {
        foreach (var score in scores)
            if (!float.IsFinite(score))
                throw new FuzzFailureException(float.IsNaN(score) ? "NaN" : "infinite", $"{what}: {score}");
    }
}
