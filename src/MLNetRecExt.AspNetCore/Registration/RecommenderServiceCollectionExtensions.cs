using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MLNetRecExt.AspNetCore;
using MLNetRecExt.AspNetCore.Page;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers recommenders.</summary>
public static class RecommenderServiceCollectionExtensions
{
    /// <summary>Registers a recommender whose options stand in the application's configuration.</summary>
    /// <inheritdoc cref="AddRecommender{TUser, TItem}(IServiceCollection, string, Action{RecommenderServiceOptions})"/>
    /// <param name="services">The services.</param>
    /// <param name="name">Its name: part of answers, meters and health.</param>
    /// <param name="configuration">The section that holds the options, such as <c>ModelPath</c>. A name in it that is no option is an
    /// error.</param>
    public static RecommenderBuilder<TUser, TItem> AddRecommender<TUser, TItem>(
        this IServiceCollection services, string name, IConfiguration configuration)
        where TUser : notnull
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Add<TUser, TItem>(
            services, name, options => options.Bind(configuration, binder => binder.ErrorOnUnknownConfiguration = true));
    }

    /// <summary>Registers a recommender.</summary>
    /// <remarks>
    /// <para>It is a keyed service <see cref="IRecommender{TUser, TItem}"/> by its name, and without a key the first that is registered; so
    /// is its <see cref="IFeedback{TUser, TItem}"/>. The model is loaded, and its index built, before the application answers; where it is
    /// missing or refused the application starts all the same, with empty lists, and says that it is degraded.</para>
    /// <para>Options are checked when the application starts; what is out of its range stops it.</para>
    /// </remarks>
    /// <typeparam name="TUser">Type of the user ids: string, int, uint, long, ulong, or Guid where training had the text of
    /// Guids.</typeparam>
    /// <typeparam name="TItem">Type of the item ids, likewise.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="name">Its name: part of answers, meters and health.</param>
    /// <param name="configure">Sets the options.</param>
    /// <exception cref="ArgumentException">The name is empty, or taken: choose another.</exception>
    public static RecommenderBuilder<TUser, TItem> AddRecommender<TUser, TItem>(
        this IServiceCollection services, string name, Action<RecommenderServiceOptions> configure)
        where TUser : notnull
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add<TUser, TItem>(services, name, options => options.Configure(configure));
    }

    /// <summary>Registers a test of recommenders: each user is answered by one of them, always the same, chosen by a hash of the test's
    /// name and the user's id. The answer's <c>Model</c> names it, and <see cref="ABTest"/> judges the events.</summary>
    /// <remarks>Used as any recommender, by its name. Histories without a user and similar items are answered by the first.</remarks>
    /// <typeparam name="TUser">Type of the user ids.</typeparam>
    /// <typeparam name="TItem">Type of the item ids.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="name">The test's name.</param>
    /// <param name="variants">Names of at least two recommenders, registered by
    /// <see cref="AddRecommender{TUser, TItem}(IServiceCollection, string, Action{RecommenderServiceOptions})"/>; the first is what the
    /// others are compared with.</param>
    /// <exception cref="ArgumentException">The name is empty or taken; or there are fewer than two variants, or one is not registered, or
    /// one is named twice.</exception>
    public static IServiceCollection AddRecommenderTest<TUser, TItem>(
        this IServiceCollection services, string name, IReadOnlyList<string> variants)
        where TUser : notnull
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(variants);
        if (variants.Distinct().Count() < 2 || variants.Distinct().Count() < variants.Count)
            throw new ArgumentException("A test compares two or more different recommenders; name each once.", nameof(variants));
        foreach (var variant in variants)
            if (!services.Any(service => service.IsKeyedService && Equals(service.ServiceKey, variant)
                && service.ServiceType == typeof(RecommenderService<TUser, TItem>)))
                throw new ArgumentException(
                    $"There is no recommender '{variant}' of {typeof(TUser).Name} and {typeof(TItem).Name}; register it before the test, "
                    + "by services.AddRecommender.", nameof(variants));
        NewName(services, name);
        services.AddKeyedSingleton(name, (provider, _) => new RecommenderTest<TUser, TItem>(
            name,
            [.. variants.Select(variant => provider.GetRequiredKeyedService<RecommenderService<TUser, TItem>>(variant))],
            [.. variants.Select(variant => provider.GetRequiredKeyedService<IFeedback<TUser, TItem>>(variant))]));
        AddByName<RecommenderTest<TUser, TItem>, TUser, TItem>(services, name);
        services.AddKeyedSingleton<IFeedback<TUser, TItem>>(name, (provider, key) =>
            provider.GetRequiredKeyedService<RecommenderTest<TUser, TItem>>(key));
        return services;
    }

    private static RecommenderBuilder<TUser, TItem> Add<TUser, TItem>(
        IServiceCollection services, string name, Action<OptionsBuilder<RecommenderServiceOptions>> configure)
        where TUser : notnull
        where TItem : notnull
    {
        ArgumentNullException.ThrowIfNull(services);
        NewName(services, name);
        var parts = new RecommenderParts<TUser, TItem>();
        configure(services.AddOptions<RecommenderServiceOptions>(name)
            .ValidateDataAnnotations()
            .Validate(options => options.DefaultListLength <= options.MaxListLength,
                $"Recommender '{name}': {nameof(RecommenderServiceOptions.DefaultListLength)} is more than "
                + $"{nameof(RecommenderServiceOptions.MaxListLength)}.")
            .Validate(options => !string.IsNullOrEmpty(options.ModelPath) || parts.Source is not null,
                $"Recommender '{name}': {nameof(RecommenderServiceOptions.ModelPath)} is missing; set it, or name a source by "
                + $"{nameof(RecommenderBuilder<,>.WithSource)}.")
            .ValidateOnStart());
        services.AddLogging().AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RecommenderInstruments>();

        services.AddKeyedSingleton(
            name, (provider, _) => new FeedbackBuffer<TUser, TItem>(name, OptionsOf(provider, name), parts, provider));
        services.AddKeyedSingleton(
            name, (provider, _) => new RecommenderSlot<TUser, TItem>(name, OptionsOf(provider, name), parts, provider));
        services.AddKeyedSingleton(name, (provider, _) => NewService(provider, name, parts));
        services.AddSingleton<RecommenderDesk>(provider => new RecommenderDesk<TUser, TItem>(
            provider.GetRequiredKeyedService<RecommenderService<TUser, TItem>>(name),
            provider.GetRequiredKeyedService<RecommenderSlot<TUser, TItem>>(name), parts.Catalogue is not null));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<RecommenderSlot<TUser, TItem>>(name));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<FeedbackBuffer<TUser, TItem>>(name));

        AddByName<RecommenderService<TUser, TItem>, TUser, TItem>(services, name);
        services.AddKeyedSingleton<IFeedback<TUser, TItem>>(name, (provider, key) =>
            provider.GetRequiredKeyedService<FeedbackBuffer<TUser, TItem>>(key));
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IRecommender<TUser, TItem>>(name));
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IFeedback<TUser, TItem>>(name));
        return new(name, services, parts);
    }

    private static void NewName(IServiceCollection services, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        RecommenderNames.In(services).Add(name);
    }

    /// <summary>Registers one instance under all that it is asked for as.</summary>
    private static void AddByName<TService, TUser, TItem>(IServiceCollection services, string name)
        where TService : class, IRecommenderService<TUser, TItem>, IRecommenderSlot
        where TUser : notnull
        where TItem : notnull
    {
        services.AddKeyedSingleton<IRecommender<TUser, TItem>>(name, (provider, key) => provider.GetRequiredKeyedService<TService>(key));
        services.AddKeyedSingleton<IRecommenderService<TUser, TItem>>(
            name, (provider, key) => provider.GetRequiredKeyedService<TService>(key));
        services.AddKeyedSingleton<IRecommenderSlot>(name, (provider, key) => provider.GetRequiredKeyedService<TService>(key));
    }

    private static RecommenderService<TUser, TItem> NewService<TUser, TItem>(
        IServiceProvider provider, string name, RecommenderParts<TUser, TItem> parts)
        where TUser : notnull
        where TItem : notnull
    {
        var options = OptionsOf(provider, name);
        var ledger = new ListLedger(name, provider.GetRequiredService<RecommenderInstruments>());
        var history = parts.History is { } ask ? new HistoryReader<TUser, TItem>(name, options, ask, provider, ledger) : null;
        return new(name, options, provider.GetRequiredKeyedService<RecommenderSlot<TUser, TItem>>(name), history, ledger,
            provider.GetRequiredKeyedService<FeedbackBuffer<TUser, TItem>>(name));
    }

    private static RecommenderServiceOptions OptionsOf(IServiceProvider provider, string name) =>
        provider.GetRequiredService<IOptionsMonitor<RecommenderServiceOptions>>().Get(name);
}
